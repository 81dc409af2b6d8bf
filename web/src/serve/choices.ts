// The options of a run, to be chosen.

import { el, select } from "../dom";
import type { Options, Server } from "./api";

export interface Choices { node: HTMLElement; value: () => Options }

/** choices are fields for the options; those that are not shown stay as in start. */
export function choices(server: Server, start: Options = {}): Choices {
  const options: Options = { ...start };
  const set = (key: string, value: unknown) => {
    if (value === "" || value === undefined || (typeof value === "number" && !(value > 0))) delete options[key];
    else options[key] = value;
  };
  const pick = (label: string, key: string, list: [string, string][]) => {
    const field = select(label, list, (v) => set(key, v));
    field.querySelector("select")!.value = String(options[key] ?? "");
    return field;
  };
  const count = (label: string, key: string, hint: string, step = 1) => el("label", { class: "field", title: hint }, el("span", {}, label),
    el("input", { type: "number", class: "number", min: 0, step, placeholder: "auto", value: (options[key] as number | undefined) ?? "", input: (e) => set(key, Number(e.target.value)) }));
  const [first, ...others] = server.networks;
  const node = el("div", {},
    el("div", { class: "controls" },
      pick("Backbone", "backbone", [["", first], ...others.map((n): [string, string] => [n, n])]),
      pick("Method", "method", [["", "CoDeGraph"], ["musc", "MuSc alone"]]),
      server.snapshots.length > 0 && pick("Compare with", "snapshot", [["", "each other"], ...server.snapshots.map((n): [string, string] => [n, `snapshot ${n}`])])),
    el("details", {}, el("summary", {}, "More options"),
      el("div", { class: "controls" },
        count("False alarms", "fdr", "expected share of good images among those that fail, such as 0.05", 0.01),
        count("Least region", "min_area", "pixels; smaller defect regions are left out"),
        pick("Precision", "precision", [["", "default"], ["exact", "exact"], ["fast", "fast"]]),
        pick("Turn parts alike", "align", [["", "default"], ["auto", "where it pays"], ["on", "always"], ["off", "never"]]),
        count("Input side", "size", "pixels; a multiple that the network takes"),
        count("Patch grid", "grid", "patches a side"),
        count("Fixture", "match_radius", "match only so many patches away, for parts in a fixture"),
        count("Tiles", "tile", "pixels a side, for large images"),
        count("Seed", "seed", "of the random choices"))));
  return { node, value: () => options };
}
