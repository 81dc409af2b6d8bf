// The options of a run, to be chosen: a field for each that the server describes.

import { el, select } from "../dom";
import type { Choice, Options, Server } from "./api";

export interface Choices { node: HTMLElement; value: () => Options }

/** first are the options that are shown at once. */
const first = ["backbone", "snapshot", "fdr", "threshold", "align"];

/** answered are given on the report, not here. */
const answered = ["confirm", "reject", "roi"];

/** choices are fields for the options; what is not changed stays as in start. */
export function choices(server: Server, start: Options = {}): Choices {
  const options: Options = { ...start }, constants: Options = { ...(start.constants as Options | undefined) };
  const values = (c: Choice) => (c.constant ? constants : options);
  const set = (c: Choice) => (v: unknown) => {
    if (v === undefined || v === "") delete values(c)[c.name];
    else values(c)[c.name] = v;
  };
  const names: Record<string, string[]> = { backbone: server.networks.slice(1), snapshot: server.snapshots };
  const one = (c: Choice) => field(c, values(c)[c.name], set(c), names[c.name]);
  const shown = server.options.filter((c) => !answered.includes(c.name) && (names[c.name] === undefined || names[c.name].length > 0));
  const top = shown.filter((c) => first.includes(c.name)).sort((a, b) => first.indexOf(a.name) - first.indexOf(b.name));
  const fold = (title: string, list: Choice[]) => el("details", {}, el("summary", {}, title), el("div", { class: "controls options" }, ...list.map(one)));
  const node = el("div", {},
    el("div", { class: "controls options" }, ...top.map(one)),
    fold("More options", shown.filter((c) => !c.constant && !first.includes(c.name))), fold("Constants of the algorithm", shown.filter((c) => c.constant)));
  return { node, value: () => (Object.keys(constants).length > 0 ? { ...options, constants } : { ...options, constants: undefined }) };
}

/** plain are the names of options that one meets first. */
const plain: { [name: string]: string } = { backbone: "Network", snapshot: "Saved scan", fdr: "False-discovery rate", threshold: "Limit to fail", align: "Turn parts alike" };

const title = (c: Choice): string => {
  if (plain[c.name]) return plain[c.name];
  const t = c.name.replace(/[_-]/g, " ");
  return t[0].toUpperCase() + t.slice(1);
};

/** said is what the server says of options, without the dashes that a terminal takes. */
const said = (text: string): string => text.replace(/--(?=[a-z])/g, "");

/** field is the field of one option. */
function field(c: Choice, value: unknown, set: (v: unknown) => void, names?: string[]): HTMLElement {
  const hint = said(`${c.usage}. Default: ${c.default}`), { schema } = c;
  const list = names ?? schema.enum;
  if (list) {
    const box = select(title(c), [["", `default: ${said(c.default)}`], ...list.filter((v) => v !== "").map((v): [string, string] => [v, v])], (v) => set(v));
    box.title = hint;
    box.querySelector("select")!.value = String(value ?? "");
    return box;
  }
  if (schema.type === "boolean") {
    const box = el("input", { type: "checkbox", checked: value === true, change: () => set(box.checked || undefined) });
    return el("label", { class: "check", title: hint }, box, title(c));
  }
  const whole = schema.type === "integer", number = whole || schema.type === "number", several = schema.type === "array";
  const read = (text: string): unknown => {
    if (text.trim() === "") return undefined;
    if (several) return text.split(",").map((t) => (schema.items?.type === "integer" || schema.items?.type === "number" ? Number(t) : t.trim()));
    return number ? Number(text) : text;
  };
  const box = el("input", { type: number ? "number" : "text", class: "number", placeholder: said(c.default), value: value === undefined ? "" : String(value),
    step: number ? (whole ? 1 : "any") : undefined, min: schema.minimum, max: schema.maximum, change: () => set(read(box.value)) });
  return el("label", { class: "field", title: hint }, el("span", {}, title(c)), box);
}
