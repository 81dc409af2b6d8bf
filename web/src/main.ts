import { load } from "./data";
import { count, el, link, number } from "./dom";
import { families } from "./families";
import { gallery } from "./gallery";
import { graph } from "./graph";
import { histogram } from "./histogram";
import { truth } from "./truth";
import { State } from "./state";
import { Viewer } from "./viewer";

const state = new State(load());
const { data } = state;
const viewer = new Viewer(state);

function section(id: string, title: string, lead: string, content: HTMLElement): HTMLElement {
  return el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), el("p", { class: "lead" }, lead), content);
}

function head(): HTMLElement {
  const kept = data.families.reduce((n, f) => n + f.removed, 0);
  const tile = (value: string, text: string) => el("li", {}, el("b", {}, value), el("span", {}, text));
  const defects = data.families.filter((f) => f.status === "defect").length;
  return el("header", { class: "page" },
    el("div", {}, el("h1", {}, "Inspection report"),
      el("p", {}, `${count(data.images.length, "image")}, ${data.grid.height} × ${data.grid.width} patches each · ${data.method === "musc" ? "MuSc" : "CoDeGraph"} on ${data.backbone} · version ${data.version}`)),
    el("ul", { class: "tiles" },
      tile(String(data.images.length), "images scored"), tile(String(defects), defects === 1 ? "recurring defect" : "recurring defects"),
      tile(String(data.families.length - defects), "other groups"), tile(String(kept), "patches kept out")),
    el("nav", { "aria-label": "Sections" }, ...["Scores", data.truth && "Truth", "Gallery", "Families", "Image graph", "About"].map((t) => t && el("a", { href: "#" + t.toLowerCase().replace(" ", "-") }, t))));
}

function about(): HTMLElement {
  const list = (title: string, items: string[]) => (items.length ? el("div", {}, el("h3", {}, title), el("ul", {}, ...items.map((t) => el("li", {}, t)))) : null);
  return el("div", { class: "panel about" },
    el("p", {}, "Each patch of an image is compared with all patches of every other image. A normal patch finds look-alikes nearly everywhere, a defect does not; what only a few images share is found by the graph and kept out of the comparison. Scores are comparable within this batch only: ",
      `here they run from ${number(data.scale.min)} to ${number(data.scale.max)} per patch.`),
    el("p", {}, "Beside this page: ", link("./results.json", "results.json"), " (everything), ", link("./scores.csv", "scores.csv"), " (a table)."),
    list("Remarks", data.notes), list("Left out of this page", data.left_out),
    list("Not scored", data.skipped.map((s) => `${s.name}: ${s.reason}`)));
}

document.body.append(
  el("a", { class: "skip", href: "#gallery-title" }, "Skip to the gallery"),
  head(),
  el("main", {},
    data.images.length > 0 && section("scores", "Which parts are bad?", "The threshold decides; move it and the gallery follows.", histogram(state)),
    data.truth && section("truth", "How good are the scores?", "Held against what is known about these images.", truth(state, data.truth)),
    section("gallery", "Gallery", `${state.hasTruth ? "Missed defects and false alarms first, then the most anomalous." : "The most anomalous first."} Click an image to look closer and ask why.`, gallery(state)),
    section("families", "What keeps recurring?", "Groups of images that share something the rest of the batch lacks.", families(state)),
    section("image-graph", "Image graph", "Images are joined by the number of patches that find each other among their few look-alikes.", graph(state)),
    section("about", "Can I trust it?", "How the scores come about, and what to know about this batch.", about())),
  viewer.node);
document.documentElement.dataset.ready = "";
