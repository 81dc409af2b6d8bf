import { Figures, Judgement, Truth } from "./data";
import { count, el, svg } from "./dom";
import { State } from "./state";

const width = 320, height = 250, left = 40, right = 12, top = 10, bottom = 38;
const names: Record<string, string> = { musc: "MuSc", codegraph: "CoDeGraph" };

/** Share is where on the axes of a chart a point of a curve lies, in [0, 1]. */
type Share = (f: Figures, tp: number, fp: number) => [number, number];

const roc: Share = (f, tp, fp) => [fp / f.negative, tp / f.positive];
const pr: Share = (f, tp, fp) => [tp / f.positive, tp / (tp + fp)];

/** truth holds the scores against what is known. */
export function truth(state: State, t: Truth): HTMLElement {
  const { good, defective, masked, side: pixels, methods } = t;
  const known = `${count(good, "good image")}, ${defective} defective` + (masked ? `, ${masked} of them with a mask.` : ", without masks.");
  if (!good || !defective) {
    return el("p", { class: "panel hint" }, `${known} Without both kinds there is nothing to measure; the gallery shows what the threshold gets wrong.`);
  }
  const charts: HTMLElement[] = [
    chart(state, methods, "image", "ROC per image", ["false alarms", "defects found"], roc),
    chart(state, methods, "image", "Precision and recall per image", ["recall", "precision"], pr),
  ];
  if (methods.some((m) => m.pixel)) {
    charts.push(chart(state, methods, "pixel", "ROC per pixel", ["false positive rate", "true positive rate"], roc),
      chart(state, methods, "pixel", "Precision and recall per pixel", ["recall", "precision"], pr));
  }
  return el("div", { class: "panel truth-body" },
    el("div", {}, figures(methods, pixels),
      el("p", { class: "hint" }, `Known: ${known} `, methods.length > 1 ? "MuSc is the score before filtering. " : "",
        "The dot is the threshold above. The truth has not been used for anything but this.")),
    el("div", { class: "charts" }, ...charts));
}

/** figures is the table of all figures. */
function figures(methods: Judgement[], pixels: number): HTMLElement {
  const rows: [string, keyof Figures & ("auroc" | "f1" | "ap" | "pro"), "image" | "pixel"][] = [
    ["AUROC", "auroc", "image"], ["F1-max", "f1", "image"], ["AP", "ap", "image"],
    ["AUROC", "auroc", "pixel"], ["F1-max", "f1", "pixel"], ["AP", "ap", "pixel"], ["PRO", "pro", "pixel"]];
  const cell = (v: number | null | undefined) => el("td", {}, v === null || v === undefined ? "–" : (100 * v).toFixed(1));
  const part = (level: "image" | "pixel", title: string) => methods.some((m) => m[level]) ? [
    el("tr", {}, el("th", { colspan: methods.length + 1, scope: "rowgroup" }, title)),
    ...rows.filter((r) => r[2] === level).map(([name, key]) => el("tr", {}, el("th", { scope: "row" }, name), ...methods.map((m) => cell(m[level]?.[key]))))] : [];
  return el("table", { class: "judged" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "in %"), ...methods.map((m) => el("th", { scope: "col" }, names[m.method] ?? m.method)))),
    el("tbody", {}, ...part("image", "Per image"), ...part("pixel", `Per pixel, at ${pixels} × ${pixels}`)));
}

const x = (v: number) => left + v * (width - left - right);
const y = (v: number) => height - bottom - v * (height - top - bottom);

/** chart draws a curve for each method. */
function chart(state: State, methods: Judgement[], level: "image" | "pixel", title: string, axes: [string, string], at: Share): HTMLElement {
  const shown = methods.filter((m) => m[level]).map((m) => ({ name: m.method, f: m[level]! }));
  const area = at === roc ? "AUROC" : "AP";
  const value = (f: Figures) => { const v = at === roc ? f.auroc : f.ap; return v === null ? "not defined" : percent1(v); };
  const label = `${title}: ` + shown.map((m) => `${names[m.name]} ${area} ${value(m.f)}`).join(", ");
  const plot = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...grid(axes));
  const { positive, negative } = shown[0].f;
  const chance = at === roc ? [0, 0, 1, 1] : [0, positive / (positive + negative), 1, positive / (positive + negative)];
  plot.append(svg("line", { class: "chance", x1: x(chance[0]), y1: y(chance[1]), x2: x(chance[2]), y2: y(chance[3]) }),
    ...shown.map((m) => svg("path", { class: `method ${m.name}`, d: curve(m.f, at) })));
  if (level === "image") plot.append(marker(state, shown[shown.length - 1].f, at));
  return el("figure", {}, el("figcaption", {}, title), plot,
    el("p", { class: "key" }, ...shown.map((m) => el("span", { class: `k method ${m.name}` }, `${names[m.name]} ${value(m.f)}`)), el("span", { class: "k chance" }, "by chance")));
}

const percent1 = (v: number): string => `${(100 * v).toFixed(1)} %`;

function grid([below, beside]: [string, string]): SVGElement[] {
  const text = (t: string, at: { [key: string]: string | number }) => svg("text", { class: "tick", "text-anchor": "middle", ...at }, t);
  return [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((v) => [
      svg("line", { class: "gridline", x1: x(0), x2: x(1), y1: y(v), y2: y(v) }), svg("line", { class: "gridline", x1: x(v), x2: x(v), y1: y(0), y2: y(1) })]),
    ...[0, 0.5, 1].flatMap((v) => [text(`${100 * v} %`, { x: x(v) - (v === 1 ? 8 : 0), y: height - bottom + 15 }), text(String(100 * v), { x: left - 6, y: y(v) + 4, "text-anchor": "end" })]),
    text(below, { x: x(0.5), y: height - 6 }),
    text(beside, { x: 11, y: y(0.5), transform: `rotate(-90 11 ${y(0.5)})` }),
  ];
}

/** curve is a path: straight between the points of a ROC, stepped for precision, as AP takes it. */
function curve(f: Figures, at: Share): string {
  const points = f.curve.map(([, tp, fp]) => at(f, tp, fp)).filter(([u]) => Number.isFinite(u));
  const place = ([u, v]: [number, number]) => `${x(u).toFixed(1)} ${y(v).toFixed(1)}`;
  if (at === roc) return "M" + [[0, 0] as [number, number], ...points].map(place).join("L");
  let d = `M${place([0, points[0][1]])}`;
  for (const [u, v] of points) d += `V${y(v).toFixed(1)}H${x(u).toFixed(1)}`;
  return d;
}

/** marker shows where on a curve the threshold is. */
function marker(state: State, f: Figures, at: Share): SVGElement {
  const dot = svg("circle", { class: "threshold-dot", r: 5 });
  const show = () => {
    let tp = 0, fp = 0;
    for (const [threshold, a, b] of f.curve) if (threshold >= state.threshold) [tp, fp] = [a, b];
    const [u, v] = tp + fp ? at(f, tp, fp) : [0, at === roc ? 0 : 1];
    dot.setAttribute("cx", String(x(u)));
    dot.setAttribute("cy", String(y(v)));
  };
  state.onChange(show);
  show();
  return dot;
}
