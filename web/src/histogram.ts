import { count, el, number, svg } from "./dom";
import { State } from "./state";

const width = 1000, height = 190, bins = 48;

/** histogram shows how scores are spread, and the threshold on them. */
export function histogram(state: State): HTMLElement {
  const scores = state.data.images.map((im) => im.score);
  const lowest = Math.min(...scores), highest = Math.max(...scores);
  const pad = (highest - lowest || Math.abs(highest) || 1) * 0.04;
  const lo = lowest - pad, hi = highest + pad;
  const x = (v: number) => ((v - lo) / (hi - lo)) * width;
  const counts = new Array<number>(bins).fill(0);
  for (const s of scores) counts[Math.min(bins - 1, Math.floor(((s - lo) / (hi - lo)) * bins))]++;
  const most = Math.max(...counts);

  const passing = svg("g", { class: "bars pass" }), failing = svg("g", { class: "bars fail" });
  counts.forEach((n, k) => {
    const h = n ? Math.max(3, (n / most) * (height - 14)) : 0;
    const bar = { x: (k * width) / bins + 1.5, y: height - h, width: width / bins - 3, height: h, rx: 2 };
    passing.append(svg("rect", bar));
    failing.append(svg("rect", bar));
  });
  const clip = svg("rect", { y: 0, height });
  const line = svg("line", { class: "threshold", y1: 0, y2: height });
  const grip = svg("path", { class: "grip", d: "M-9 0h18v12l-9 9l-9-9z" });
  const plot = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", class: "histogram", "aria-hidden": "true" },
    svg("defs", {}, svg("clipPath", { id: "above" }, clip)), passing, failing, line, grip);
  failing.setAttribute("clip-path", "url(#above)");

  const range = el("input", { type: "range", id: "threshold", min: lo, max: hi, step: (hi - lo) / 1000, "aria-label": "Threshold",
    input: () => state.setThreshold(Number(range.value)) });
  const box = el("input", { type: "number", step: "any", "aria-label": "Threshold as a number", class: "number",
    change: () => { if (box.value !== "" && Number.isFinite(Number(box.value))) state.setThreshold(Number(box.value)); } });
  const verdict = el("p", { class: "verdict", id: "verdict", role: "status" });
  const reset = el("button", { type: "button", class: "quiet", click: () => state.setThreshold(state.limit) }, "As scanned");

  drag(plot, (share) => state.setThreshold(lo + share * (hi - lo)));
  const show = () => {
    const t = Math.min(Math.max(x(state.threshold), 0), width);
    clip.setAttribute("x", String(t));
    clip.setAttribute("width", String(width - t));
    line.setAttribute("x1", String(t));
    line.setAttribute("x2", String(t));
    // The plot is stretched: the grip keeps its shape.
    const squeeze = plot.clientWidth ? width / plot.clientWidth : 1;
    grip.setAttribute("transform", `translate(${t} 0) scale(${squeeze} 1)`);
    range.value = String(state.threshold);
    range.setAttribute("aria-valuetext", number(state.threshold));
    if (document.activeElement !== box) box.value = number(state.threshold, 4);
    verdict.replaceChildren(...summary(state));
  };
  state.onThreshold(show);
  new ResizeObserver(show).observe(plot);
  show();

  return el("div", { class: "panel spread" },
    el("div", { class: "plot" }, plot, range,
      el("div", { class: "axis", "aria-hidden": "true" }, el("span", {}, number(lowest)), el("span", {}, "anomaly score"), el("span", {}, number(highest)))),
    el("div", { class: "decision" }, verdict,
      el("label", { class: "field" }, el("span", {}, "Threshold"), box), reset, best(state),
      el("p", { class: "hint" }, "The marker is the scan's limit to fail. Drag it, or use the arrow keys on the slider, to see what another limit would do; --threshold makes it the scan's.",
        state.best() === null ? "" : " Best F1 is the threshold that the known truth would choose.")));
}

/** best sets the threshold that the known truth would choose. */
function best(state: State): HTMLElement | null {
  const v = state.best();
  return v === null ? null : el("button", { type: "button", class: "quiet", id: "best", title: "The threshold with the highest F1 against the known truth", click: () => state.setThreshold(v) }, "Best F1");
}

function summary(state: State): Node[] {
  const n = state.data.images.length;
  const counts = { fail: 0, unsure: 0, pass: 0 };
  let missed = 0, wrong = 0;
  for (let i = 0; i < n; i++) {
    counts[state.verdict(i)]++;
    const w = state.wrong(i);
    if (w === "missed") missed++;
    if (w === "false") wrong++;
  }
  const out: Node[] = [
    el("span", { class: "fail" }, el("b", { id: "failing" }, String(counts.fail)), " fail"),
    el("span", { class: "unsure" }, el("b", { id: "doubtful" }, String(counts.unsure)), " unsure"),
    el("span", { class: "pass" }, el("b", { id: "passing" }, String(counts.pass)), " pass"),
  ];
  if (state.hasTruth) {
    out.push(el("span", { class: "truth" }, `Against the known truth: ${count(missed, "defect")} missed, ${count(wrong, "false alarm")}.`));
  }
  return out;
}

/** drag reports where, as a share of its width, the pointer is on the plot. */
function drag(plot: SVGSVGElement, move: (share: number) => void): void {
  let held = false;
  const at = (e: PointerEvent) => {
    const r = plot.getBoundingClientRect();
    move(Math.min(Math.max((e.clientX - r.left) / r.width, 0), 1));
  };
  plot.addEventListener("pointerdown", (e) => {
    held = true;
    plot.setPointerCapture(e.pointerId);
    at(e);
  });
  plot.addEventListener("pointermove", (e) => held && at(e));
  for (const end of ["pointerup", "pointercancel"] as const) plot.addEventListener(end, () => (held = false));
}
