import { aboutFamily } from "./answerbar";
import { Box, Family, Member, patchSet } from "./data";
import { count, el, link, number, percent, shortened } from "./dom";
import { severity } from "./gallery";
import { paint } from "./heat";
import { outline } from "./stage";
import { State } from "./state";

const tile = 208, most = 48;

/** Later does something once it is about to be seen. */
type Later = (f: () => void) => void;

/** families shows what keeps recurring, a card for each. */
export function families(state: State): HTMLElement {
  const all = state.data.families;
  if (!all.length) {
    return el("p", { class: "panel hint" }, state.data.method === "musc"
      ? "Mutual scoring alone looks for no families."
      : "No group of images shares an anomaly.");
  }
  return el("div", { class: "families" }, ...all.map((_, k) => card(state, k)));
}

function card(state: State, k: number): HTMLElement {
  const f = state.data.families[k];
  const sheet = el("ul", { class: "sheet" });
  const members = f.members.slice(0, most);
  const changed = el("input", { type: "checkbox", change: () => {
    sheet.classList.toggle("changed", changed.checked);
    draw();
  } });
  // The tiles take their place at once, so that nothing moves later, and are
  // drawn when they come near.
  let near = false;
  let waiting: (() => void)[] = [];
  const later = (f: () => void) => { near ? f() : waiting.push(f); };
  const come = () => {
    near = true;
    for (const f of waiting) f();
    waiting = [];
  };
  const draw = () => {
    waiting = [];
    sheet.replaceChildren(...members.map((m) => (changed.checked ? comparison(state, m, later) : crop(state, m, later))));
  };
  draw();
  new IntersectionObserver((entries, self) => {
    if (!entries.some((e) => e.isIntersecting)) return;
    self.disconnect();
    come();
  }, { rootMargin: "600px" }).observe(sheet);
  // Pictures take a moment to load, which a printer does not wait for.
  window.addEventListener("beforeprint", come);
  window.addEventListener("load", () => setTimeout(come, 1000));
  const tag = el("span", {}), words = el("p", {}), figures = el("dl", { class: "figures" });
  const show = () => {
    tag.className = `tag ${f.status}`;
    tag.textContent = status[f.status];
    words.replaceChildren(...meaning(state, k));
    figures.replaceChildren(
      ...(f.status === "defect"
        ? figure("Patches kept out", String(f.removed), "of the comparison, so that they cannot serve each other as look-alikes")
        : figure("Patches kept out", "none", f.status === "candidate" ? "until it is called a defect" : "as it was called harmless or no group")),
      ...figure("Gain", `× ${number(Math.exp(f.gain), 2)}`, "by which the scores of its patches rise without the family"),
      ...figure("Area", percent(f.area), "of an image, on average"),
      ...evidence(f));
  };
  state.onChange(show);
  state.onPaint(draw);
  show();
  return el("article", { class: "panel family", id: `family-${f.id}` },
    el("header", {}, el("h3", {}, f.id), tag,
      el("button", { type: "button", class: "quiet", click: () => { state.filter({ family: f.id }); } }, count(f.members.length, "part")),
      aboutFamily(state, k)),
    words, sheet,
    f.members.length > most ? el("p", { class: "hint" }, `${f.members.length - most} more are in the gallery.`) : null,
    el("div", { class: "under" }, el("label", { class: "check" }, changed, "Show what keeping it out changed"), link(f.sheet, "contact sheet")),
    el("details", { class: "specialists" }, el("summary", {}, "For specialists"), figures));
}

const status: Record<Family["status"], string> = { defect: "recurring defect", candidate: "what is it?", rejected: "harmless", dismissed: "not a group" };

/** evidence shows what the status rests on. */
function evidence(f: Family): HTMLElement[] {
  const e = f.evidence;
  if (!e) return f.limit === null ? [] : figure("Density", number(f.density, 1), `links between two members; ${f.density > f.limit ? "above" : "not above"} the limit of ${number(f.limit, 1)}`);
  return [
    ...figure("Matches each other", number(e.burnout, 0), `as surely as this; chance reaches ${number(e.limit, 0)}, the next group ${number(e.next, 0)}`),
    ...figure("Would stand out", `${number(e.alone, 1)} σ`, `without each other; ${number(e.z, 1)} σ with`),
  ];
}

/** meaning says what a family is and why it is thought so. */
function meaning(state: State, k: number): (Node | string)[] {
  const f = state.data.families[k], n = f.members.length, said = state.answers.about(state.members(k));
  const mine = said && !state.answers.host && !same[said].includes(f.status) ? " You said otherwise; the next scan takes it into account." : "";
  switch (f.status) {
    case "defect":
      return [`The outlined place looks alike in these ${n} parts, and in no others: a defect that recurs. Compared with each other they would all look normal, so they were compared with the rest.`, mine];
    case "candidate":
      return [f.evidence?.whole
        ? `These ${n} parts differ from the other ${state.data.images.length - n} as a whole, as a second variant, a pose or another kind of part does. They are judged among themselves: is it a defect, or harmless?`
        : `These ${n} parts share something that the others lack, over ${percent(f.area)} of the picture. It may be a defect or a harmless variant, an edge or a pose, so nothing was done about it, and none of them passes or fails before you say: what is it?`, mine];
    case "rejected":
      return [`A harmless variant: these ${n} parts are compared among themselves where they show it.`, mine];
    default:
      return ["You said that this is not a group: nothing is done about it.", mine];
  }
}

const same: Record<string, string[]> = { defect: ["defect"], harmless: ["rejected"], none: ["dismissed"], "": [] };

function figure(name: string, value: string, note: string): HTMLElement[] {
  return [el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value), el("small", {}, note)))];
}

function opener(state: State, m: Member, ...content: (Node | string | null)[]): HTMLElement {
  const im = state.data.images[m.image];
  const n = patchSet(m.patches).length;
  return el("li", {}, el("button", { type: "button", title: `Open ${im.name}`,
    click: () => state.open(m.image, patchAt(state, m.representative, im)) },
    ...content, shortened(im.name), el("small", {}, `${im.severity === null ? "score" : "severity"} ${severity(im)} · ${count(n, "patch", "patches")}`)));
}

function patchAt(state: State, b: Box, im: { width: number; height: number }): number {
  const { width, height } = state.data.grid;
  const x = Math.min(width - 1, Math.floor(((b.x + b.width / 2) / im.width) * width));
  return Math.min(height - 1, Math.floor(((b.y + b.height / 2) / im.height) * height)) * width + x;
}

/** crop shows the box of a member with what is around it, its patches outlined. */
function crop(state: State, m: Member, later: Later): HTMLElement {
  const im = state.data.images[m.image], grid = state.data.grid;
  const canvas = el("canvas", { width: tile, height: tile });
  later(() => picture(state, m, (img, scale) => {
    const { side, left, top } = around(m.box, im.width, im.height);
    const ctx = canvas.getContext("2d")!;
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(img, left * scale, top * scale, side * scale, side * scale, 0, 0, tile, tile);
    const f = tile / side, w = (f * im.width) / grid.width, h = (f * im.height) / grid.height;
    ctx.setTransform(w, 0, 0, h, -left * f, -top * f);
    ctx.strokeStyle = "#ff2828";
    ctx.lineWidth = 2.5 / Math.sqrt(w * h);
    ctx.stroke(new Path2D(outline(patchSet(m.patches), grid.width)));
  }));
  return opener(state, m, canvas);
}

/** around is a square around the box, inside an image of w × h. */
function around(b: Box, w: number, h: number): { side: number; left: number; top: number } {
  const side = Math.min(Math.max(2 * Math.max(b.width, b.height), 64), Math.max(w, h));
  const place = (start: number, n: number) => Math.max(0, Math.min(start, n - side));
  return { side, left: place(b.x + (b.width - side) / 2, w), top: place(b.y + (b.height - side) / 2, h) };
}

/** comparison shows MuSc's map beside CoDeGraph's. */
function comparison(state: State, m: Member, later: Later): HTMLElement {
  return opener(state, m, el("span", { class: "pair" }, view(state, m, true, later), view(state, m, false, later)));
}

function view(state: State, m: Member, musc: boolean, later: Later): HTMLElement {
  const im = state.data.images[m.image], grid = state.data.grid;
  const canvas = el("canvas", { width: tile, height: Math.round((tile * im.height) / im.width) });
  later(() => picture(state, m, (img) => {
    const ctx = canvas.getContext("2d")!;
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(img, 0, 0, canvas.width, canvas.height);
    const levels = state.maps.of(m.image, musc);
    if (levels) {
      const heat = document.createElement("canvas");
      paint(heat, levels, grid, state.tone, im.width / im.height, 160);
      ctx.drawImage(heat, 0, 0, canvas.width, canvas.height);
    }
    ctx.scale(canvas.width / grid.width, canvas.height / grid.height);
    ctx.lineWidth = 0.15;
    ctx.strokeStyle = "#0b57ff";
    ctx.stroke(new Path2D(outline(patchSet(m.patches), grid.width)));
  }));
  return el("span", { class: "side" }, el("small", {}, musc ? `MuSc ${number(im.musc)}` : `CoDeGraph ${number(im.score)}`), canvas);
}

/** picture loads the large image of a member and draws when it is there. */
function picture(state: State, m: Member, draw: (img: HTMLImageElement, scale: number) => void): void {
  const im = state.data.images[m.image];
  const src = im.large ?? im.small;
  if (!src) return;
  const img = new Image();
  img.onload = () => draw(img, img.naturalWidth / im.width);
  img.src = src;
}
