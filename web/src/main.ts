import { bar } from "./answerbar";
import { load } from "./data";
import { count, el, link } from "./dom";
import { families } from "./families";
import { gallery } from "./gallery";
import { graph } from "./graph";
import { histogram } from "./histogram";
import { connect } from "./host";
import { summary } from "./summary";
import { truth } from "./truth";
import { Label, State } from "./state";
import { Viewer } from "./viewer";

const state = new State(load());
const { data } = state;
const viewer = new Viewer(state);

function section(id: string, title: string, lead: string, content: HTMLElement): HTMLElement {
  return el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), lead && el("p", { class: "lead" }, lead), content);
}

/** date is when the scan was made, or when the file was written. */
function date(): string {
  const at = new Date(data.created || document.lastModified);
  return Number.isNaN(at.getTime()) ? "" : (data.created ? "" : "written ") + at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

function head(): HTMLElement {
  const facts = [count(data.images.length, "image"), data.folder, date(), `codegraph ${data.version}`];
  const counts = el("ul", { class: "tiles", id: "verdict" });
  const words: [Label, string, string][] = [["fail", "failing", "fail"], ["unsure", "doubtful", "unsure"], ["pass", "passing", "pass"]];
  const show = () => {
    const n = state.counts(), defects = state.defects(), recurring = new Set(defects.flatMap((f) => f.members.map((m) => m.image))).size;
    const shared = recurring > 0 && el("li", {}, el("button", { type: "button", class: "fail", title: `Show those of ${defects.map((f) => f.id).join(", ")}`, click: () => state.filter({ family: defects.length === 1 ? defects[0].id : "defect" }) }, el("b", { id: "recurring" }, String(recurring)), defects.length === 1 ? ` share a defect` : " share defects"));
    counts.replaceChildren(...words.map(([v, id, text]) => el("li", {}, el("button", { type: "button", class: v, title: `Show those that ${v === "unsure" ? "are unsure" : v}`, click: () => state.filter({ verdict: v }) }, el("b", { id }, String(n[v])), ` ${text}`))), ...(shared ? [shared] : []));
    counts.classList.toggle("whatif", !state.asScanned());
  };
  state.onChange(show);
  show();
  return el("header", { class: "page" },
    el("div", {}, data.title && el("p", { class: "kind" }, "Inspection report"), el("h1", {}, data.title || "Inspection report"),
      el("p", {}, facts.filter((f) => f).join(" · "))),
    counts,
    el("nav", { "aria-label": "Sections" }, ...["Gallery", "Summary", "Scores", data.truth && "Truth", "Families", "Image graph", "About"].map((t) => t && el("a", { href: "#" + t.toLowerCase().replace(" ", "-") }, t))));
}

function about(): HTMLElement {
  const list = (title: string, items: string[]) => (items.length ? el("div", {}, el("h3", {}, title), el("ul", {}, ...items.map((t) => el("li", {}, t)))) : null);
  return el("div", { class: "panel about" },
    el("p", {}, "Each place of a part is compared with all places of every other part. A normal place finds look-alikes nearly everywhere, a defect does not; what only a few parts share is found as a group and kept out of the comparison. Scores are comparable within this batch only."),
    el("p", {}, `Method: ${data.method === "musc" ? "MuSc" : "CoDeGraph"} on the network ${data.backbone}, ${data.grid.height} × ${data.grid.width} places each.`),
    el("p", {}, "Beside this page: ", link("./results.json", "results.json"), " (everything), ", link("./scores.csv", "scores.csv"), " (a table)."),
    list("Left out of this page", data.left_out),
    list("Not scored", data.skipped.map((s) => `${s.name}: ${s.reason}`)));
}

document.body.append(
  el("a", { class: "skip", href: "#gallery-title" }, "Skip to the gallery"),
  head(),
  el("main", {},
    el("div", { class: "workbench" },
      section("summary", "What to make of this batch", "", summary(state)),
      section("gallery", "Gallery", "", gallery(state)),
      data.images.length > 0 && section("scores", "Where is the limit?", "", histogram(state))),
    data.truth && section("truth", "How good are the scores?", "Held against what is known about these images.", truth(state, data.truth)),
    section("families", "What keeps recurring?", "Groups of parts that share something the rest of the batch lacks.", families(state)),
    section("image-graph", "Image graph", "For specialists: images are joined by the number of patches that find each other among their few look-alikes.", graph(state)),
    section("about", "Can I trust it?", "How the scores come about, and what to know about this batch.", about())),
  bar(state),
  viewer.node);
connect(state);
viewer.start();
document.documentElement.dataset.ready = "";
