import { el, number, svg } from "./dom";
import { State } from "./state";

const width = 1000, height = 190, bins = 40;

/** histogram shows how scores are spread, and the limit on them. */
export function histogram(state: State): HTMLElement {
  const scores = () => state.data.images.map((im) => im.score);
  const lowest = Math.min(...scores()), highest = Math.max(...scores());
  const pad = (highest - lowest || Math.abs(highest) || 1) * 0.04;
  const lo = lowest - pad, hi = highest + pad;
  const x = (v: number) => ((v - lo) / (hi - lo)) * width;

  const bars = svg("g");
  const band = svg("rect", { class: "band", y: 0, height });
  const line = svg("line", { class: "threshold", y1: 0, y2: height });
  const grip = svg("path", { class: "grip", d: "M-9 0h18v12l-9 9l-9-9z" });
  const plot = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", class: "histogram", "aria-hidden": "true" }, band, bars, line, grip);

  const range = el("input", { type: "range", id: "threshold", min: lo, max: hi, step: (hi - lo) / 1000, "aria-label": "Limit to fail",
    input: () => state.setThreshold(Number(range.value)) });
  const box = el("input", { type: "number", step: "any", "aria-label": "Limit to fail as a number", class: "number",
    change: () => { if (box.value !== "" && Number.isFinite(Number(box.value))) state.setThreshold(Number(box.value)); } });
  const reset = el("button", { type: "button", class: "quiet", id: "as-scanned", click: () => state.setThreshold(state.limit) }, "As scanned");
  const apply = el("button", { type: "button", id: "apply", click: () => state.answers.sayLimit(state.threshold) }, "Apply");
  const whatIf = el("p", { class: "whatif", role: "status" });

  drag(plot, (share) => state.setThreshold(lo + share * (hi - lo)));
  const show = () => {
    const t = Math.min(Math.max(x(state.threshold), 0), width);
    bars.replaceChildren(...stacks(state, scores(), lo, hi));
    const { pass } = state.data.limits;
    const from = pass === null ? 0 : Math.min(Math.max(x(pass), 0), t);
    band.setAttribute("x", String(from));
    band.setAttribute("width", String(state.data.fdr === null ? 0 : t - from));
    line.setAttribute("x1", String(t));
    line.setAttribute("x2", String(t));
    // The plot is stretched: the grip keeps its shape.
    const squeeze = plot.clientWidth ? width / plot.clientWidth : 1;
    grip.setAttribute("transform", `translate(${t} 0) scale(${squeeze} 1)`);
    range.value = String(state.threshold);
    range.setAttribute("aria-valuetext", number(state.threshold));
    if (document.activeElement !== box) box.value = number(state.threshold, 4);
    reset.hidden = state.asScanned();
    whatIf.hidden = state.asScanned();
    whatIf.replaceChildren(el("b", {}, "What if: "), "no verdict is changed yet. ", apply, ` makes ${number(state.threshold, 4)} the limit of the run${state.answers.host ? "" : " in the file of answers"}, as `, el("code", {}, "--threshold"), " does.");
  };
  state.onChange(show);
  new ResizeObserver(show).observe(plot);
  show();

  return el("div", { class: "panel spread" },
    el("div", { class: "plot" }, plot, range,
      el("div", { class: "axis", "aria-hidden": "true" }, el("span", {}, number(lowest)), el("span", {}, "anomaly score"), el("span", {}, number(highest)))),
    el("div", { class: "decision" }, el("label", { class: "field" }, el("span", {}, "Limit to fail"), box), reset, best(state)), whatIf,
    el("p", { class: "hint" }, "Drag the marker to see what another limit would do; between the two limits a part is unsure.",
      state.best() === null ? "" : " Best F1 is the limit that the known truth would choose."));
}

/** stacks are the bars, each by the verdicts of its images. */
function stacks(state: State, scores: number[], lo: number, hi: number): SVGElement[] {
  const counts = Array.from({ length: bins }, () => ({ pass: 0, unsure: 0, fail: 0 }));
  scores.forEach((s, i) => counts[Math.min(bins - 1, Math.max(0, Math.floor(((s - lo) / (hi - lo)) * bins)))][state.verdict(i)]++);
  const most = Math.max(1, ...counts.map((c) => c.pass + c.unsure + c.fail));
  return counts.flatMap((c, k) => {
    let y = height;
    return (["pass", "unsure", "fail"] as const).flatMap((v) => {
      if (!c[v]) return [];
      const h = Math.max(3, (c[v] / most) * (height - 14));
      y -= h;
      return [svg("rect", { class: `bar-${v}`, x: (k * width) / bins + 1.5, y, width: width / bins - 3, height: h })];
    });
  });
}

/** best sets the threshold that the known truth would choose. */
function best(state: State): HTMLElement | null {
  const v = state.best();
  return v === null ? null : el("button", { type: "button", class: "quiet", id: "best", title: "The limit with the highest F1 against the known truth", click: () => state.setThreshold(v) }, "Best F1");
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
