import { count, el, number, svg } from "./dom";
import { limitLevel, medianLevel, patchSet, Vector, Vectors } from "./data";
import { State } from "./state";

const width = 360, height = 230, left = 46, right = 10, top = 12, bottom = 34;

/** why explains the score of one patch of an image: crops and a sentence first, what they rest on in a fold. */
export function why(state: State, image: number, patch: number): HTMLElement {
  const out = el("section", { class: "why", "aria-label": "Why" }, el("h3", {}, "Why this place?"));
  const levels = state.maps.of(image, false), musc = state.maps.of(image, true);
  const ev = state.evidence, v = ev?.at(image, patch) ?? null;
  const at = v?.patch ?? patch;
  if (levels) out.append(el("p", { class: "plain" }, ...plainly(state, image, at, levels[at])));
  if (!ev || !v) {
    out.append(el("p", { class: "hint" }, ev ? "This place was not compared: it was out of sight when the part was turned." : "This page does not hold what the place was compared with: see what was left out, at the end."));
    return out;
  }
  const grid = state.data.grid;
  const where = `row ${Math.floor(v.patch / grid.width) + 1}, column ${(v.patch % grid.width) + 1}`;
  const near = v.patch === patch ? "" : ", the highest-scoring one near where you clicked";
  const score = levels && musc ? el("p", { class: "value" }, "Score of the place ", el("b", {}, number(state.maps.score(levels[at]))), levels[at] === musc[at] ? "" : ` (MuSc ${number(state.maps.score(musc[at]))})`) : null;
  out.append(
    el("ol", { class: "nearest" }, el("li", {}, el("figure", { class: "here" }, closeup(state, image, v.patch), el("figcaption", {}, "this place"))),
      ...v.nearest.map((j, k) => neighbour(state, j, v.matches[k] ?? null, v.distances[ev.v.ranks.indexOf(k + 1)]))),
    el("details", { class: "specialists" }, el("summary", {}, "For specialists"),
      score ?? "",
      el("p", { class: "hint" }, `Patch in ${where}${near}. How far away its nearest look-alike in each other image is, nearest image first:`),
      chart(ev.v, v),
      el("p", { class: "key" },
        el("span", { class: "k curve" }, "this patch"), el("span", { class: "k expected" }, "a normal patch"), el("span", { class: "k usual" }, "9 of 10 of those")),
      el("p", { class: "reason" }, ...reason(ev.v, v, state.data.images.length)),
      ...test(ev.v, v)));
  return out;
}

/** plainly says in words of the shop floor what a place is. */
function plainly(state: State, image: number, patch: number, level: number): (Node | string)[] {
  for (const f of state.data.families) {
    const member = f.members.find((m) => m.image === image);
    if (!member || !patchSet(member.patches).includes(patch)) continue;
    const n = f.members.length - 1;
    return [el("b", {}, `${count(n, "other part")} ${n === 1 ? "looks" : "look"} the same here, and no more. `), `Group ${f.id}${f.status === "defect" ? ", a defect that recurs" : f.status === "candidate" ? ": a defect, or a harmless variant?" : ", harmless as you said"}. The nearest places:`];
  }
  if (level >= limitLevel) return [el("b", {}, "No other part looks like this here. "), "The nearest places:"];
  if (level >= (medianLevel + limitLevel) / 2) return [el("b", {}, "Other parts look only roughly like this here. "), "The nearest places:"];
  return [el("b", {}, "Other parts look like this here, too. "), "The nearest places:"];
}

function neighbour(state: State, j: number, match: number | null, distance: number | undefined): HTMLElement {
  const im = state.data.images[j];
  const family = im.family >= 0 ? ` · ${state.data.families[im.family].id}` : "";
  return el("li", {}, el("button", { type: "button", title: `Open ${im.name}${distance === undefined ? "" : `, at distance ${number(distance)}`}`, click: () => state.open(j, match ?? undefined) },
    match !== null ? closeup(state, j, match) : im.small ? el("img", { src: im.small, alt: "" }) : null,
    el("span", {}, `#${im.rank}${family}`)));
}

/** closeup shows a patch of an image, outlined, with what is around it. */
function closeup(state: State, j: number, patch: number): HTMLCanvasElement {
  const im = state.data.images[j], grid = state.data.grid, side = 112;
  const canvas = el("canvas", { width: side, height: side });
  const img = new Image();
  img.onload = () => {
    const w = img.naturalWidth / grid.width, h = img.naturalHeight / grid.height;
    const view = Math.min(Math.max(5 * Math.max(w, h), 48), Math.min(img.naturalWidth, img.naturalHeight));
    const place = (middle: number, n: number) => Math.max(0, Math.min(middle - view / 2, n - view));
    const x = (patch % grid.width) * w, y = Math.floor(patch / grid.width) * h;
    const left = place(x + w / 2, img.naturalWidth), above = place(y + h / 2, img.naturalHeight);
    const ctx = canvas.getContext("2d")!, f = side / view;
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(img, left, above, view, view, 0, 0, side, side);
    for (const [ink, width] of [["#000", 5], ["#fff", 2.5]] as const) {
      ctx.strokeStyle = ink;
      ctx.lineWidth = width;
      ctx.strokeRect((x - left) * f, (y - above) * f, w * f, h * f);
    }
  };
  const src = im.large ?? im.small;
  if (src) img.src = src;
  return canvas;
}

/** reason says in words what the curve shows. */
function reason(all: Vectors, v: Vector, images: number): (Node | string)[] {
  const end = v.distances[all.ranks.indexOf(all.omega)];
  const zeta = end > 0 ? v.distances[0] / end : 1;
  const usual = Math.pow(1 / all.omega, 1 / (v.position || all.alpha));
  const nearest = `The nearest image is at ${number(zeta, 2)} of the distance at rank ω = ${all.omega}; ${number(usual, 2)} is expected of a normal patch. `;
  if (v.burnout > 0) {
    return [el("b", {}, `Burns out after ${count(v.burnout, "image")}. `),
      `It has closer look-alikes in ${count(v.burnout, "image")} than a normal patch would have. After them the distance grows by a factor of ${number(v.growth, 2)}, that of a normal patch by ${number(v.usual, 2)}. What ${count(v.burnout + 1, "image")} share and the others lack looks like this: a recurring defect, or a harmless variant of the part.`];
  }
  if (!all.model || !v.position) return [el("b", {}, "Burnout is not tested: "), "there are too few images. ", nearest];
  return [el("b", {}, "No burnout. "),
    `Its distances grow like those of a normal patch (p > ${all.model.level}). `, nearest,
    `If it scores high, then because it is far from all of the other ${images - 1} images alike, as a defect of its own is.`];
}

/** test gives the tail index and the p-value, as far as there is a model. */
function test(all: Vectors, v: Vector): HTMLElement[] {
  const m = all.model;
  if (!m || !v.position) return [];
  const own = v.alpha ? `${v.alpha.toFixed(1)} by this patch alone, ` : "";
  return [
    el("p", { class: "reason test" }, el("b", {}, `p ${probability(v.logP)} `),
      `that the nearest look-alikes of a normal patch are so near. Tail index α: ${own}${v.position.toFixed(1)} at this place in all images, ${m.alpha.toFixed(1)} in the batch.`),
    ...(m.fits ? [] : [el("p", { class: "hint" }, `The model does not fit this batch well: a test at 5 % rejects ${(100 * m.rejected).toFixed(0)} % of its patches. Take p as a ranking, not as an error rate.`)]),
  ];
}

/** probability writes exp(log). */
function probability(log: number): string {
  const ten = log / Math.LN10;
  if (ten <= -400) return "< 10⁻⁴⁰⁰";
  if (ten > -3) return `= ${Math.exp(log).toFixed(ten > -1 ? 2 : 3)}`;
  const exponent = Math.floor(ten + Math.log10(10 / 9.5)); // 9.5 is rounded up to 10
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return `= ${Math.max(1, Math.round(10 ** (ten - exponent)))} · 10⁻${[...String(-exponent)].map((c) => digits[Number(c)]).join("")}`;
}

/** normal returns the curve of a normal patch and its band at the ranks: by the model up to ω, by the other patches beyond. */
function normal(all: Vectors, v: Vector, end: number): { expected: number[]; low: number[]; high: number[] } {
  const m = all.model, alpha = v.position || all.alpha;
  const at = (model: number[] | undefined, other: number[]) =>
    all.ranks.map((_, k) => end * Math.exp(model && k < model.length ? model[k] / alpha : other[k]));
  const law = all.ranks.map((r) => Math.log(r / all.omega) / all.alpha);
  return { expected: at(m?.expected, law), low: at(m?.low, all.low), high: at(m?.high, all.high) };
}

/** chart draws distance against rank, both logarithmic. */
function chart(all: Vectors, v: Vector): SVGSVGElement {
  const last = all.ranks[all.ranks.length - 1];
  const end = v.distances[all.ranks.indexOf(all.omega)];
  const { expected, low, high } = normal(all, v, end);
  const positive = [...v.distances, ...low, ...high, ...expected].filter((d) => d > 0);
  const lo = Math.log(Math.min(...positive)) - 0.04, hi = Math.log(Math.max(...positive)) + 0.04;
  const x = (rank: number) => left + ((width - left - right) * Math.log(rank)) / Math.log(last);
  const y = (d: number) => height - bottom - ((height - top - bottom) * (Math.log(Math.max(d, Math.exp(lo))) - lo)) / (hi - lo);
  const path = (ds: number[]) => ds.map((d, k) => `${k ? "L" : "M"}${x(all.ranks[k]).toFixed(1)} ${y(d).toFixed(1)}`).join("");

  const out = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Distance against rank, both logarithmic: from ${number(v.distances[0])} at rank 1 to ${number(v.distances[v.distances.length - 1])} at rank ${last}` });
  for (const t of ticks(Math.exp(lo), Math.exp(hi))) {
    out.append(svg("line", { class: "gridline", x1: left, x2: width - right, y1: y(t), y2: y(t) }),
      svg("text", { class: "tick", x: left - 6, y: y(t) + 4, "text-anchor": "end" }, String(t)));
  }
  for (const rank of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].filter((r) => r <= last)) {
    out.append(svg("text", { class: "tick", x: x(rank), y: height - bottom + 16, "text-anchor": "middle" }, String(rank)));
  }
  out.append(
    svg("path", { class: "usual", d: `${path(low)}L${[...high].reverse().map((d, k) => `${x(all.ranks[high.length - 1 - k]).toFixed(1)} ${y(d).toFixed(1)}`).join("L")}Z` }),
    mark("omega", x(all.omega), `ω = ${all.omega}`, 11));
  if (v.burnout > 0) out.append(mark("burnout", x(v.burnout + 0.5), "burnout", 24));
  out.append(
    svg("path", { class: "expected", d: path(expected) }),
    svg("path", { class: "curve", d: path(v.distances) }),
    ...v.distances.map((d, k) => svg("circle", { class: "dot", cx: x(all.ranks[k]), cy: y(d), r: 2.6 })),
    svg("text", { class: "tick", x: (left + width) / 2, y: height - 3, "text-anchor": "middle" }, "rank of the image"),
    svg("text", { class: "tick", x: 10, y: (height - bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 10 ${(height - bottom) / 2})` }, "distance"));
  return out;
}

function mark(name: string, x: number, text: string, y: number): SVGGElement {
  const before = x > (name === "burnout" ? left + 60 : width - 70);
  return svg("g", { class: `mark ${name}` },
    svg("line", { x1: x, x2: x, y1: top, y2: height - bottom }),
    svg("text", { x: before ? x - 4 : x + 4, y: top + y, "text-anchor": before ? "end" : "start" }, text));
}

/** ticks are round numbers between lo and hi, three or so. */
function ticks(lo: number, hi: number): number[] {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].find((s) => (hi - lo) / s <= 7) ?? 10;
  const out: number[] = [];
  for (let t = Math.ceil(lo / step) * step; t <= hi; t += step) if (t > 0) out.push(Number(t.toPrecision(3)));
  return out;
}
