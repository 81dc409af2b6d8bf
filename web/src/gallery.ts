import { Photo } from "./data";
import { count, el, number, select, shortened } from "./dom";
import { legend, paint } from "./heat";
import { truthMarks } from "./stage";
import { Mode, State } from "./state";

interface Card { node: HTMLElement; canvas: HTMLCanvasElement; badge: HTMLElement; image: number; painted: string; visible: boolean; outlined: boolean }

/** gallery shows all images, the most anomalous first. */
export function gallery(state: State): HTMLElement {
  const { images, families, grid } = state.data;
  const cards: Card[] = images.map((_, i) => card(state, i));
  const list = el("ul", { class: "gallery", id: "cards", "data-mode": "overlay" });
  const shown = el("p", { class: "shown", role: "status" });
  const first = state.hasTruth ? "wrong" : "score";
  const filter = { name: "", family: "", verdict: "", least: NaN, sort: first };
  let musc = false;

  const draw = (c: Card) => {
    if (c.visible && !c.outlined) {
      const marks = truthMarks(images[c.image].mask);
      if (marks) c.canvas.after(marks);
      c.outlined = true;
    }
    const key = musc ? "musc" : "final";
    if (!c.visible || c.painted === key) return;
    const levels = state.maps.of(c.image, musc);
    if (levels) paint(c.canvas, levels, grid, state.maps.floor, images[c.image].width / images[c.image].height, 96);
    c.painted = key;
  };
  const byNode = new Map(cards.map((c) => [c.node as Element, c]));
  const seen = new IntersectionObserver((entries) => {
    for (const e of entries) {
      const c = byNode.get(e.target)!;
      c.visible = e.isIntersecting;
      draw(c);
    }
  }, { rootMargin: "400px" });
  cards.forEach((c) => seen.observe(c.node));
  window.addEventListener("beforeprint", () => {
    for (const c of cards) {
      c.visible = true;
      draw(c);
    }
  });

  const passes = (i: number) => {
    const im = images[i];
    if (filter.name && !im.name.toLowerCase().includes(filter.name)) return false;
    if (filter.family === "none" ? im.family >= 0 : filter.family !== "" && im.family !== Number(filter.family)) return false;
    if (filter.least > im.score) return false;
    if (filter.verdict === "wrong") return state.wrong(i) !== null;
    return filter.verdict === "" || filter.verdict === state.verdict(i);
  };
  const apply = () => {
    const order = images.map((_, i) => i).sort(sorting(state, filter.sort));
    state.order = order.filter(passes);
    const parts = state.order.map((i) => cards[i].node);
    if (parts.length !== list.childElementCount || parts.some((p, k) => list.children[k] !== p)) list.replaceChildren(...parts);
    shown.textContent = state.order.length === images.length ? count(images.length, "image") : `${state.order.length} of ${count(images.length, "image")}`;
  };
  const relabel = () => {
    for (const c of cards) label(state, c);
    if (filter.verdict || filter.sort === "wrong") apply();
  };
  state.onThreshold(relabel);
  cards.forEach((c) => label(state, c));
  apply();

  const set = <K extends keyof typeof filter>(key: K) => (v: string) => {
    (filter as Record<string, unknown>)[key] = key === "least" ? (v === "" ? NaN : Number(v)) : v;
    apply();
  };
  const search = el("input", { type: "search", id: "search", placeholder: "part of a name", input: () => set("name")(search.value.toLowerCase()) });
  const least = el("input", { type: "number", step: "any", min: 0, class: "number", placeholder: "any", input: () => set("least")(least.value) });
  const slider = el("input", { type: "range", min: 0, max: 100, value: 85, "aria-label": "Opacity of the map", input: () => opacity() });
  const opacity = () => list.style.setProperty("--heat", String(Number(slider.value) / 100));
  opacity();
  const mode = modes("gallery-mode", (m) => list.setAttribute("data-mode", m));
  const before = el("input", { type: "checkbox", change: () => { musc = before.checked; cards.forEach(draw); } });

  const known = el("input", { type: "checkbox", checked: true, change: () => list.classList.toggle("unmarked", !known.checked) });

  list.addEventListener("keydown", (e) => keys(e, list, mode));

  return el("div", {},
    el("div", { class: "sides" },
      el("div", { class: "controls", role: "group", "aria-label": "How images are shown" },
        mode,
        el("label", { class: "field" }, el("span", {}, "Opacity"), slider),
        state.data.method !== "musc" && el("label", { class: "check" }, before, "MuSc’s maps"),
        state.hasMasks && el("label", { class: "check" }, known, "Known defects")),
      el("div", { class: "controls", role: "group", "aria-label": "Which images are shown" },
        el("label", { class: "field grow" }, el("span", {}, "Name"), search),
        select("Verdict", [["", "all"], ["fail", "fail"], ["unsure", "unsure"], ["pass", "pass"], ...(state.hasTruth ? [["wrong", "missed or false"] as [string, string]] : [])], set("verdict")),
        select("Family", [["", "all"], ...families.map((f, k) => [String(k), `${f.id} (${f.status})`] as [string, string]), ["none", "no family"]], set("family")),
        el("label", { class: "field" }, el("span", {}, "Score from"), least),
        select("Sort", [...(state.hasTruth ? [["wrong", "missed first"] as [string, string]] : []),
          ["score", "highest score"], ["low", "lowest score"], ["change", "most changed"], ["name", "name"]], set("sort")))),
    el("div", { class: "under" }, shown, el("span", { class: "hint keys" }, "Keys, on an image: ← → next, O overlay, M map, Enter opens it."), scale(state)),
    list);
}

/** keys move between the images of the gallery and change what is shown. */
function keys(e: KeyboardEvent, list: HTMLElement, mode: HTMLFieldSetElement): void {
  if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
  const by = { ArrowLeft: -1, k: -1, ArrowRight: 1, j: 1 }[e.key];
  const toggled = { o: ["overlay", "image"], m: ["map", "overlay"] }[e.key];
  if (by) {
    const at = [...list.children].indexOf((e.target as Element).closest("li")!);
    list.children[at + by]?.querySelector<HTMLElement>(".open")!.focus();
  } else if (toggled) {
    const [on, off] = toggled.map((m) => mode.querySelector<HTMLInputElement>(`[value=${m}]`)!);
    (on.checked ? off : on).click();
  } else return;
  e.preventDefault();
}

function sorting(state: State, by: string): (a: number, b: number) => number {
  const images = state.data.images;
  const rank = (a: number, b: number) => images[a].rank - images[b].rank;
  switch (by) {
    case "low": return (a, b) => rank(b, a);
    case "name": return (a, b) => (images[a].name < images[b].name ? -1 : images[a].name > images[b].name ? 1 : a - b);
    case "change": {
      const change = (i: number) => Math.abs(images[i].score - images[i].musc);
      return (a, b) => change(b) - change(a) || rank(a, b);
    }
    case "wrong": {
      const wrong = (i: number) => ["missed", "false", null].indexOf(state.wrong(i));
      return (a, b) => wrong(a) - wrong(b) || rank(a, b);
    }
  }
  return rank;
}

function card(state: State, i: number): Card {
  const im = state.data.images[i];
  const canvas = el("canvas", { class: "heat", width: 1, height: 1 });
  const badge = el("span", { class: "badge", title: verdictText(im) });
  const family = im.family >= 0 ? state.data.families[im.family] : null;
  const picture = im.small ? el("img", { src: im.small, loading: "lazy", decoding: "async", alt: "" }) : el("span", { class: "missing" }, "could not be read again");
  const node = el("li", { class: "card" },
    el("button", { type: "button", class: "open", "aria-label": `Open ${im.name}, rank ${im.rank}, score ${number(im.score)}`, click: () => state.open(i) },
      el("span", { class: "picture", style: `aspect-ratio: ${im.width} / ${im.height}` }, picture, canvas)),
    el("div", { class: "caption" },
      el("span", { class: "rank" }, `#${im.rank}`), badge,
      family && el("span", { class: `tag ${family.status}`, title: `family ${family.id}: ${family.status}` }, family.id),
      el("span", { class: "score" }, number(im.score)),
      shortened(im.name)));
  return { node, canvas, badge, image: i, painted: "", visible: false, outlined: false };
}

/** verdictText is the verdict of the scan, which the marker does not change. */
export function verdictText(im: Photo): string {
  if (im.verdict === null) return "";
  const severity = im.severity === null ? "" : `severity ${number(im.severity)}, `;
  return `${im.verdict} by the scan: ${severity}good with a probability of ${number(im.q!)}`;
}

function label(state: State, c: Card): void {
  const verdict = state.verdict(c.image);
  const wrong = state.wrong(c.image);
  const text = { fail: "✕ Fail", unsure: "? Unsure", pass: "✓ Pass" }[verdict] + (wrong ? (wrong === "missed" ? " · missed" : " · false alarm") : "");
  if (c.badge.textContent === text) return;
  c.badge.textContent = text;
  c.badge.className = `badge ${verdict}`;
  c.node.dataset.verdict = verdict;
}

/** modes chooses between the image, the overlay and the map alone. */
export function modes(name: string, change: (m: Mode) => void, initial: Mode = "overlay"): HTMLFieldSetElement {
  const all: [Mode, string][] = [["image", "Image"], ["overlay", "Overlay"], ["map", "Map"]];
  return el("fieldset", { class: "modes" }, el("legend", { class: "hidden" }, "Show"),
    ...all.map(([m, text]) => el("label", {}, el("input", { type: "radio", name, value: m, checked: m === initial, change: () => change(m) }), el("span", {}, text))));
}

/** scale explains the colours. */
export function scale(state: State): HTMLElement {
  const min = state.maps.score(state.maps.floor), { max } = state.data.scale;
  const text = `Colours, the same for all images: from ${number(min)}, which four of five patches are below, to ${number(max)}`;
  return el("span", { class: "scale", role: "img", "aria-label": text, title: text },
    el("span", {}, number(min)), el("span", { class: "ramp", style: `background-image: ${legend()}` }), el("span", {}, number(max)));
}
