import { current, onMove, remember, View } from "./address";
import { aboutImage, aboutImages, verdictWords } from "./answerbar";
import { Photo } from "./data";
import { count, el, number, select, shortened } from "./dom";
import { legend, paint, Palette } from "./heat";
import { regionMarks, truthMarks } from "./stage";
import { Mode, State } from "./state";

interface Card { node: HTMLElement; canvas: HTMLCanvasElement; badge: HTMLElement; score: HTMLElement; tag: HTMLElement; image: number; stale: boolean; visible: boolean; outlined: boolean }

/** gallery shows all images, the most anomalous first. */
export function gallery(state: State): HTMLElement {
  const { images, families, grid } = state.data;
  const cards: Card[] = images.map((_, i) => card(state, i));
  const list = el("ul", { class: "gallery", id: "cards", "data-mode": "overlay" });
  const shown = el("p", { class: "shown", role: "status" });
  // Where the scores judge nothing, what recurs is what to look at first.
  const first = state.hasTruth ? "wrong" : state.data.limits.fail === null && state.defects().length ? "recurring" : "score";
  const filter = { q: "", family: "", verdict: "", from: "", sort: first };
  let musc = false;

  const draw = (c: Card) => {
    if (!c.visible) return;
    if (!c.outlined) {
      c.canvas.after(...[regionMarks(images[c.image]), truthMarks(images[c.image].mask)].filter((m) => m !== null));
      c.outlined = true;
    }
    if (!c.stale) return;
    const levels = state.maps.of(c.image, musc);
    if (levels) paint(c.canvas, levels, grid, state.tone, images[c.image].width / images[c.image].height, 96);
    c.stale = false;
  };
  const redraw = () => {
    for (const c of cards) {
      c.stale = true;
      draw(c);
    }
  };
  state.onPaint(redraw);
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

  const inFamily = (im: Photo, i: number) => {
    switch (filter.family) {
      case "": return true;
      case "none": return im.family < 0;
      case "defect": return state.defects().some((f) => f.members.some((m) => m.image === i));
    }
    return families[im.family]?.id === filter.family;
  };
  const passes = (i: number) => {
    const im = images[i];
    if (filter.q && !im.name.toLowerCase().includes(filter.q.toLowerCase())) return false;
    if (!inFamily(im, i)) return false;
    if (filter.from !== "" && Number(filter.from) > im.score) return false;
    if (filter.verdict === "wrong") return state.wrong(i) !== null;
    if (filter.verdict === "answered") return state.answers.of(im) !== "";
    return filter.verdict === "" || filter.verdict === state.verdict(i);
  };
  const apply = () => {
    const order = images.map((_, i) => i).sort(sorting(state, filter.sort));
    state.order = order.filter(passes);
    const parts = state.order.map((i) => cards[i].node);
    if (parts.length !== list.childElementCount || parts.some((p, k) => list.children[k] !== p)) list.replaceChildren(...parts);
    shown.textContent = state.order.length === images.length ? count(images.length, "image") : `${state.order.length} of ${count(images.length, "image")}`;
    empty.hidden = state.order.length > 0;
    together.hidden = state.order.length < 2 || state.order.length === images.length;
  };
  const together = aboutImages(state, () => state.order.map((i) => images[i]));
  const empty = el("p", { class: "hint" }, "No image is like that. ", el("button", { type: "button", class: "quiet", click: () => show({}) }, "Show all"));
  state.onChange(() => {
    for (const c of cards) label(state, c);
    // What has been sorted stays in its place while answers are given.
    if (filter.sort === "wrong" || state.answers.host || !state.asScanned()) apply();
  });
  cards.forEach((c) => label(state, c));

  const set = (key: keyof typeof filter) => (v: string) => {
    filter[key] = v;
    remember({ [key]: key === "sort" && v === first ? "" : v });
    apply();
  };
  const search = el("input", { type: "search", id: "search", placeholder: "part of a name", input: () => set("q")(search.value) });
  const least = el("input", { type: "number", step: "any", min: 0, class: "number", placeholder: "any", input: () => set("from")(least.value) });
  const slider = el("input", { type: "range", min: 0, max: 100, value: 100, "aria-label": "Opacity of the map", input: () => opacity() });
  const opacity = () => list.style.setProperty("--heat", String(Number(slider.value) / 100));
  opacity();
  const mode = modes("gallery-mode", (m) => list.setAttribute("data-mode", m));
  const before = el("input", { type: "checkbox", change: () => { musc = before.checked; redraw(); } });
  const known = el("input", { type: "checkbox", checked: true, change: () => list.classList.toggle("unmarked", !known.checked) });
  const outlined = el("input", { type: "checkbox", checked: true, change: () => list.classList.toggle("unoutlined", !outlined.checked) });
  const verdict = select("Verdict", [["", "all"], ["fail", "fail"], ["unsure", "unsure"], ["pass", "pass"], ["answered", "answered"], ...(state.hasTruth ? [["wrong", "missed or false"] as [string, string]] : [])], set("verdict"));
  const family = select("Family", [["", "all"], ...families.map((f) => [f.id, f.id] as [string, string]), ["none", "no family"], ["defect", "recurring defects"]], set("family"));
  const sort = select("Sort", [...(state.hasTruth ? [["wrong", "missed first"] as [string, string]] : []),
    ["score", "highest score"], ...(families.some((f) => f.status === "defect") ? [["recurring", "recurring first"] as [string, string]] : []), ["unsure", "unsure first"], ["low", "lowest score"], ["change", "most changed"], ["name", "name"]], set("sort"));

  /** show puts a view into the controls. */
  const show = (v: View) => {
    Object.assign(filter, { q: v.q ?? "", family: v.family ?? "", verdict: v.verdict ?? "", from: v.from ?? "", sort: v.sort ?? first });
    search.value = filter.q;
    least.value = filter.from;
    for (const [box, value] of [[verdict, filter.verdict], [family, filter.family], [sort, filter.sort]] as const) box.querySelector("select")!.value = value;
    remember({ q: filter.q, family: filter.family, verdict: filter.verdict, from: filter.from, sort: filter.sort === first ? "" : filter.sort });
    apply();
  };
  show(current());
  onMove(show);
  state.filter = (by) => {
    show({ sort: filter.sort, ...by });
    list.scrollIntoView({ block: "nearest" });
  };
  // The focus is back on the image that was opened first: it goes on to the one seen last.
  state.closed = (i) => list.contains(document.activeElement) && cards[i].node.querySelector<HTMLElement>(".open")?.focus();
  list.addEventListener("keydown", (e) => keys(e, list, mode));

  return el("div", {},
    el("div", { class: "controls", role: "group", "aria-label": "Which images are shown" }, mode, verdict, families.length > 0 && family, sort,
      el("label", { class: "field grow" }, el("span", {}, "Name"), search)),
    el("details", { class: "view" }, el("summary", {}, "How images are shown"),
      el("div", { class: "controls", role: "group", "aria-label": "How images are shown" },
        tones(state, "gallery"), el("label", { class: "field" }, el("span", {}, "Opacity"), slider), el("label", { class: "field" }, el("span", {}, "Score from"), least),
        el("label", { class: "check" }, outlined, "Defect regions"),
        state.data.method !== "musc" && el("label", { class: "check" }, before, "MuSc’s maps"),
        state.hasMasks && el("label", { class: "check" }, known, "Known defects")),
      el("p", { class: "hint keys" }, "Keys, on an image: ← → next, O overlay, M map, Enter opens it.")),
    el("div", { class: "under" }, el("div", { class: "shown-now" }, shown, together), scale(state)),
    empty, list);
}

/** tones chooses what colours mean. */
export function tones(state: State, name: string): HTMLElement {
  const own = el("fieldset", { class: "modes" }, el("legend", { class: "hidden" }, "Colours"),
    ...[["batch", "Batch"], ["image", "Image"]].map(([v, text]) => el("label", { title: v === "batch" ? "Colours mean the same in all images" : "Colours reach up to the highest place of each image" },
      el("input", { type: "radio", name: `${name}-tone`, value: v, checked: (v === "image") === state.tone.own, change: () => state.setTone({ own: v === "image" }) }), el("span", {}, text))));
  const palette = select("Colours", [["warm", "yellow to red"], ["cool", "cyan to blue"]], (v) => state.setTone({ palette: v as Palette }));
  const show = () => {
    palette.querySelector("select")!.value = state.tone.palette;
    own.querySelectorAll("input").forEach((r) => (r.checked = (r.value === "image") === state.tone.own));
    document.documentElement.dataset.palette = state.tone.palette;
  };
  state.onPaint(show);
  show();
  return el("span", { class: "tones" }, palette, own);
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
    case "unsure": {
      const doubt = (i: number) => (state.verdict(i) === "unsure" ? 0 : 1);
      return (a, b) => doubt(a) - doubt(b) || rank(a, b);
    }
    case "recurring": {
      const recurs = new Set(state.defects().flatMap((f) => f.members.map((m) => m.image)));
      return (a, b) => Number(recurs.has(b)) - Number(recurs.has(a)) || rank(a, b);
    }
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
  const badge = el("span", { class: "badge" }), score = el("span", { class: "score" }), tag = el("span", { class: "tag" });
  const picture = im.small ? el("img", { src: im.small, loading: "lazy", decoding: "async", alt: "" }) : el("span", { class: "missing" }, "could not be read again");
  const node = el("li", { class: "card" },
    el("button", { type: "button", class: "open", "aria-label": `Open ${im.name}`, click: () => state.open(i) },
      el("span", { class: "picture", style: `aspect-ratio: ${im.width} / ${im.height}` }, picture, canvas)),
    el("div", { class: "caption" }, badge, tag, score, shortened(im.name), aboutImage(state, im)));
  return { node, canvas, badge, score, tag, image: i, stale: true, visible: false, outlined: false };
}

/** severity is how bad an image is: 0 at the median of the batch, 1 at the limit to fail. */
export function severity(im: Photo): string {
  if (im.severity === null) return number(im.score);
  const down = Math.floor(100 * im.severity) / 100; // what is below the limit does not show as 1
  return number(down === 0 ? 0 : down, 2);
}

/** verdictText is the verdict of the scan, which the marker does not change. */
export function verdictText(im: Photo): string {
  if (im.verdict === null) return "";
  return im.q === null ? im.verdict : `${im.verdict}: good with a probability of ${number(im.q)}`;
}

function label(state: State, c: Card): void {
  const im = state.data.images[c.image], verdict = state.verdict(c.image), wrong = state.wrong(c.image);
  const family = im.family >= 0 ? state.data.families[im.family] : null;
  const text = verdictWords[verdict] + (wrong ? (wrong === "missed" ? " · missed" : " · false alarm") : "");
  const key = [text, family?.status, im.score, im.severity, state.said(c.image)].join();
  if (c.node.dataset.key === key) return;
  c.node.dataset.key = key;
  c.badge.textContent = text;
  c.badge.className = `badge ${verdict}`;
  c.badge.title = state.said(c.image) ? "as you said" : verdictText(im);
  c.score.textContent = severity(im);
  c.score.title = `rank ${im.rank}, score ${number(im.score)}` + (im.severity === null ? "" : "; severity: 1 is the limit to fail, 0 the middle of the batch");
  c.tag.hidden = !family;
  c.tag.textContent = family?.id ?? "";
  c.tag.className = `tag ${family?.status}`;
  c.tag.title = family ? `family ${family.id}: ${family.status}` : "";
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
  const ramp = el("span", { class: "ramp" }), low = el("span", {}), high = el("span", {});
  const node = el("span", { class: "scale", role: "img" }, low, ramp, high);
  const show = () => {
    const { median, limit } = state.data.colours, { own, palette } = state.tone;
    ramp.style.backgroundImage = legend(palette);
    low.textContent = "usual";
    high.textContent = own ? "highest here" : state.data.limits.fail === null ? "high" : "defect";
    const text = own ? "Colours of each image: from the batch’s median to the highest place of the image" : `Colours, the same for all images: from the batch’s median, ${number(median)}, to ${number(limit)}, ${state.data.limits.fail === null ? "which one part in ten reaches" : "from which on a place belongs to a defect"}`;
    node.setAttribute("aria-label", text);
    node.title = text;
  };
  state.onPaint(show);
  show();
  return node;
}
