// Two runs beside each other.

import { el, number, percent, shortened } from "../dom";
import { verdicts } from "./home";
import { type Comparison, type Run, call, title, when } from "./api";

export async function compare(a: string, b: string): Promise<HTMLElement> {
  const c = await call<Comparison>("GET", `/api/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`);
  const about = (letter: string, r: Run) => el("li", {}, el("b", {}, letter), " ", el("a", { href: `#/runs/${r.id}` }, title(r)), verdicts(r), el("small", {}, ` ${when(r.created)} · ${r.images} images · ${options(r)}`));
  const head = (...names: string[]) => el("thead", {}, el("tr", {}, ...names.map((n, i) => el("th", { scope: "col", class: i > 1 ? "n" : undefined }, n || el("span", { class: "hidden" }, "Picture")))));
  const other = c.images.filter((m) => m.a.verdict !== m.b.verdict).length;
  const still = c.images.filter((m) => m.ranks === 0).length;
  return el("div", { class: "compare" }, el("h1", {}, "Comparison"), el("ul", { class: "pair" }, about("A", c.a), about("B", c.b)),
    el("p", { class: "lead", role: "status" }, `${c.images.length} images in both, ${other} with another verdict, ${still} with the same rank` + (c.correlation === null ? "." : `; correlation of the scores (Spearman): ${number(c.correlation)}.`)),
    el("div", { class: "table", tabindex: 0, role: "group", "aria-label": "Comparison" }, el("table", { class: "runs" }, head("", "Image", "Verdict A", "Verdict B", "Rank A", "Rank B", "Change", "Score A", "Score B", "Family A", "Family B"),
      el("tbody", {}, ...c.images.map((m) => el("tr", { "data-image": m.name }, el("td", {}, el("img", { src: m.thumbnail, alt: "", loading: "lazy", class: "thumb" })), el("th", { scope: "row" }, shortened(m.name)),
        ...[m.a.verdict, m.b.verdict].map((v) => el("td", { class: "n" }, v ? el("span", { class: `status ${v}` }, v) : "–")),
        ...[String(m.a.rank), String(m.b.rank), m.ranks === 0 ? "=" : m.ranks > 0 ? `▲ ${m.ranks}` : `▼ ${-m.ranks}`, number(m.a.score), number(m.b.score), m.a.family ?? "–", m.b.family ?? "–"].map((t) => el("td", { class: "n" }, t))))))),
    c.families.length > 0 && el("section", {}, el("h2", {}, "Families"), el("div", { class: "table", tabindex: 0, role: "group", "aria-label": "Comparison" }, el("table", { class: "runs" }, head("A", "B", "Members in both", "Overlap"),
      el("tbody", {}, ...c.families.map((f) => el("tr", {}, el("td", {}, f.a ?? "none"), el("td", {}, f.b ?? "none"), el("td", { class: "n" }, String(f.both)), el("td", { class: "n" }, percent(f.overlap)))))))),
    only("Only in A", c.only_a), only("Only in B", c.only_b));
}

/** options are those of a run that are not the default. */
function options(r: Run): string {
  const { constants, ...others } = r.options, all = { ...others, ...(constants as object | undefined) };
  const set = Object.entries(all).filter(([, v]) => v !== "" && v !== null && v !== undefined);
  return set.length ? set.map(([k, v]) => `${k.replace(/_/g, " ")} ${Array.isArray(v) ? v.join(", ") : typeof v === "object" ? JSON.stringify(v) : v}`).join(", ") : "default options";
}

const only = (text: string, names: string[]) => (names.length === 0 ? null : el("details", {}, el("summary", {}, `${text}: ${names.length}`), el("ul", {}, ...names.map((n) => el("li", {}, n)))));
