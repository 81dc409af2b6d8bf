// Whether new parts still score as those of a saved scan.

import { count, el, number, svg } from "../dom";
import { type Drift, call, when } from "./api";

const width = 900, height = 240, left = 44, bottom = 26, top = 14;

export async function drift(snapshot: string): Promise<HTMLElement> {
  const d = await call<Drift>("GET", `/api/drift?snapshot=${encodeURIComponent(snapshot)}`);
  const points = d.points.filter((p) => p.severity !== null);
  const images = d.points.reduce((n, p) => n + p.images, 0), failing = d.points.reduce((n, p) => n + p.failing, 0);
  const times = d.points.map((p) => p.seconds).filter((s) => s > 0).sort((a, b) => a - b);
  return el("div", { class: "drift" }, el("h1", {}, `Drift against ${snapshot}`),
    el("p", { class: "lead" }, `${count(images, "part")} in ${count(d.points.length, "run")}, ${failing} failing` + (times.length ? `; ${number(times[times.length >> 1], 2)} s for each part, in the middle.` : ".")),
    d.warning ? el("p", { class: "problem", role: "alert" }, d.warning)
      : el("p", { class: "fine", role: "status" }, d.parts ? `Nothing has changed that shows: ${d.above} of the last ${d.parts} parts that did not fail score above the middle of the saved scan; half are expected (sign test, p = ${number(d.p_value, 2)}).` : "No run against it yet."),
    d.tail.index !== null && el("p", { class: "hint" }, `Tail index, which says how the distances to the saved scan grow: ${number(d.tail.index, 2)} in the saved scan; above it ${d.tail.above} of the last ${d.tail.parts} parts that did not fail (sign test, p = ${number(d.tail.p_value, 2)}).`),
    points.length > 0 && el("div", { class: "panel" }, el("h2", {}, "Severity of each run"), chart(points),
      el("p", { class: "hint" }, "The median of each run’s parts: 0 is the middle of the saved scan, 1 its limit to fail.")),
    d.points.length > 0 && el("div", { class: "table", tabindex: 0, role: "group", "aria-label": "Runs" }, el("table", { class: "runs" },
      el("thead", {}, el("tr", {}, ...["Run", "When", "Parts", "Failing", "Severity", "Tail index", "Seconds a part"].map((t, i) => el("th", { scope: "col", class: i > 1 ? "n" : undefined }, t)))),
      el("tbody", {}, ...[...d.points].reverse().map((p) => el("tr", {}, el("th", { scope: "row" }, el("a", { href: `#/runs/${p.run}` }, p.name || p.run)), el("td", {}, when(p.created)),
        ...[String(p.images), String(p.failing), p.severity === null ? "–" : number(p.severity, 2), p.tail === null ? "–" : number(p.tail, 2), number(p.seconds, 2)].map((t) => el("td", { class: "n" }, t))))))));
}

/** chart draws the runs in their order, with the limit. */
function chart(points: Drift["points"]): SVGSVGElement {
  const values = points.map((p) => p.severity!);
  const lo = Math.min(-0.5, ...values), hi = Math.max(1.2, ...values);
  const x = (k: number) => left + ((width - left - 10) * (k + 0.5)) / points.length, y = (v: number) => height - bottom - ((height - top - bottom) * (v - lo)) / (hi - lo);
  const line = (v: number, name: string, text: string) => [svg("line", { class: name, x1: left, x2: width, y1: y(v), y2: y(v) }), svg("text", { class: "tick", x: left - 6, y: y(v) + 4, "text-anchor": "end" }, text)];
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Median severity of ${points.length} runs, from ${number(values[0], 2)} to ${number(values[values.length - 1], 2)}` },
    ...line(0, "gridline", "0"), ...line(1, "fails", "1"),
    svg("path", { class: "curve", d: values.map((v, k) => `${k ? "L" : "M"}${x(k).toFixed(1)} ${y(v).toFixed(1)}`).join("") }),
    ...values.map((v, k) => svg("circle", { class: "dot", cx: x(k), cy: y(v), r: 3.5 })),
    svg("text", { class: "tick", x: (left + width) / 2, y: height - 6, "text-anchor": "middle" }, "runs, the earliest first"));
}
