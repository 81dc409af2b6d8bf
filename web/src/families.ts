import { Box, Family, Member, patchSet } from "./data";
import { count, el, link, number, percent, shortened } from "./dom";
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
  return el("div", { class: "families" }, ...all.map((f) => card(state, f)));
}

function card(state: State, f: Family): HTMLElement {
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
  window.addEventListener("beforeprint", come);
  return el("article", { class: "panel family", id: `family-${f.id}` },
    el("header", {}, el("h3", {}, f.id), el("span", { class: `tag ${f.status}` }, f.status),
      el("span", { class: "hint" }, count(f.members.length, "image")),
      el("label", { class: "check" }, changed, "Show what changed"), link(f.sheet, "contact sheet")),
    el("p", {}, ...meaning(f)),
    el("dl", { class: "figures" },
      ...(f.status === "defect"
        ? figure("Patches kept out", String(f.removed), "of the comparison, so that they cannot serve each other as look-alikes")
        : figure("Patches kept out", "none", f.status === "candidate" ? "until you confirm it" : "as you declared it harmless")),
      ...figure("Gain", `× ${number(Math.exp(f.gain), 2)}`, "by which the scores of its patches rise without the family"),
      ...figure("Area", percent(f.area), "of an image, on average"),
      ...evidence(f)),
    sheet,
    f.members.length > most ? el("p", { class: "hint" }, `${f.members.length - most} more are in the gallery: filter by ${f.id}.`) : null);
}

/** evidence shows what the status rests on. */
function evidence(f: Family): HTMLElement[] {
  const e = f.evidence;
  if (!e) return f.limit === null ? [] : figure("Density", number(f.density, 1), `links between two members; ${f.density > f.limit ? "above" : "not above"} the limit of ${number(f.limit, 1)}`);
  return [
    ...figure("Matches each other", number(e.burnout, 0), `as surely as this; chance reaches ${number(e.limit, 0)}, the next group ${number(e.next, 0)}`),
    ...figure("Would stand out", `${number(e.alone, 1)} σ`, `without each other; ${number(e.z, 1)} σ with`),
  ];
}

/** meaning says what the status of a family means and why it has it. */
function meaning(f: Family): (Node | string)[] {
  const command = (flag: string) => el("code", {}, `--${flag} ${f.id}`);
  switch (f.status) {
    case "defect":
      return ["A recurring defect: the outlined patches match each other in these images and nowhere else. Left in the comparison they would vouch for each other, so they were kept out and all images scored again."];
    case "candidate":
      return [f.evidence?.whole
        ? `Not filtered, for you to decide: these ${f.members.length} images differ from the rest as a whole, as a second variant, a pose or another kind of part does. Scan again with `
        : `Not filtered, for you to decide: ${percent(f.area)} of each image differs from the rest of the batch, which may be a defect or a harmless variant of the part. Scan again with `, command("confirm"), " or ", command("reject"), "."];
    default:
      return ["Declared harmless with ", command("reject"), "; nothing was kept out."];
  }
}

function figure(name: string, value: string, note: string): HTMLElement[] {
  return [el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value), el("small", {}, note)))];
}

function opener(state: State, m: Member, ...content: (Node | string | null)[]): HTMLElement {
  const im = state.data.images[m.image];
  const n = patchSet(m.patches).length;
  return el("li", {}, el("button", { type: "button", title: `Open ${im.name}`,
    click: () => state.open(m.image, patchAt(state, m.representative, im)) },
    ...content, shortened(im.name), el("small", {}, `#${im.rank} · ${count(n, "patch", "patches")}`)));
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
      paint(heat, levels, grid, state.maps.floor, im.width / im.height, 160);
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
