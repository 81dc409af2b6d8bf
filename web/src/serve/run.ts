// One run: how far it is, its report, its images with labels.

import { count, el, number, shortened } from "../dom";
import { type Accepted, type Agreement, type ImageScore, type Label, type Run, type Scores, type Server, call, over, title, when } from "./api";
import { choices } from "./choices";
import { advance, badge, progressOf, refusals } from "./home";
import type { Live } from "./live";

export async function run(live: Live, server: Server, id: string): Promise<HTMLElement> {
  const asked = live.run(id) ?? (await call<Run>("GET", `/api/runs/${id}`));
  let current = live.run(id) ?? asked;
  const head = el("div"), body = el("div");
  const root = el("div", {}, head, body);
  const view = () => {
    head.replaceChildren(header(live, server, current));
    if (current.status === "done") void results(current).then((n) => body.replaceChildren(n), (e: Error) => body.replaceChildren(el("p", { class: "problem" }, e.message)));
    else body.replaceChildren();
  };
  live.follow(root, () => {
    const next = live.run(id);
    if (next && JSON.stringify(next) !== JSON.stringify(current)) {
      const status = current.status;
      current = next;
      if (next.status !== status) view();
    }
  }, () => { for (const p of head.querySelectorAll<HTMLElement>("[data-progress]")) advance(p, live); });
  view();
  return root;
}

function header(live: Live, server: Server, r: Run): HTMLElement {
  const save = (key: "name" | "note") => async (e: Event) => { live.put(await call<Run>("PATCH", `/api/runs/${r.id}`, { [key]: (e.target as HTMLInputElement).value })); };
  const cancel = async () => { live.put(await call<Run>("POST", `/api/runs/${r.id}/cancel`, {})); };
  const remove = async () => {
    if (!confirm(`Remove “${title(r)}” for good, with its results?`)) return;
    await call("DELETE", `/api/runs/${r.id}`);
    live.remove(r.id);
    location.hash = "#/";
  };
  const refused = JSON.parse(sessionStorage.getItem("refused " + r.id) ?? "[]");
  return el("div", { class: "panel runhead" },
    el("div", { class: "names" },
      el("label", { class: "field grow" }, el("span", {}, "Name"), el("input", { type: "text", value: r.name, placeholder: title(r), maxlength: 200, change: save("name") })),
      el("label", { class: "field grow" }, el("span", {}, "Notes"), el("input", { type: "text", value: r.note, maxlength: 2000, change: save("note") }))),
    el("p", { class: "facts", role: "status" }, badge(r), progressOf(live, r), ` ${count(r.images, "image")} · ${r.source} · ${when(r.created)}`, r.parent && el("span", {}, " · again of ", el("a", { href: `#/runs/${r.parent}` }, "an earlier run"))),
    r.error && el("p", { class: "problem" }, r.error),
    ...refusals(refused),
    el("div", { class: "controls" }, !over(r.status) && el("button", { type: "button", id: "cancel", click: cancel }, "Cancel"),
      over(r.status) && again(server, r), over(r.status) && el("button", { type: "button", class: "quiet", click: remove }, "Remove")));
}

function again(server: Server, r: Run): HTMLElement {
  const options = choices(server, r.options);
  const go = async () => {
    const a = await call<Accepted>("POST", `/api/runs/${r.id}/again`, { options: options.value() });
    location.hash = `#/runs/${a.run.id}`;
  };
  return el("details", { id: "again" }, el("summary", {}, "Run again"), options.node, el("p", {}, el("button", { type: "button", class: "primary", click: go }, "Start again")));
}

async function results(r: Run): Promise<HTMLElement> {
  const scores = await call<Scores>("GET", `/api/runs/${r.id}/scores`);
  const report = `/files/runs/${r.id}/report.html`;
  const panels: [string, () => HTMLElement][] = [
    ["Report", () => el("iframe", { src: report, title: "Report", class: "report" })],
    ["Labels", () => labels(r, scores)],
  ];
  const body = el("div", { role: "tabpanel" });
  const tabs = panels.map(([text], i) => el("button", { type: "button", role: "tab", "aria-selected": "false", click: () => show(i) }, text));
  const show = (i: number) => {
    tabs.forEach((t, k) => t.setAttribute("aria-selected", String(k === i)));
    body.replaceChildren(panels[i][1]());
  };
  show(0);
  return el("div", {}, el("div", { class: "tabs", role: "tablist" }, ...tabs,
    el("span", { class: "links" }, el("a", { href: report, target: "_blank", rel: "noopener" }, "Report alone"), el("a", { href: `/files/runs/${r.id}/scores.csv`, download: "" }, "scores.csv"), el("a", { href: `/api/runs/${r.id}/results`, download: "results.json" }, "results.json"))), body);
}

/** labels are the images with what a person says about them. */
function labels(r: Run, scores: Scores): HTMLElement {
  const summary = el("p", { class: "agreement", role: "status" });
  const tell = (a: Agreement) => {
    summary.textContent = `${a.good} labelled good, ${a.bad} bad.` + (a.auroc === null ? " With some of both, it is shown here how well the scores agree." : ` The scores agree with AUROC ${number(a.auroc)}, AP ${number(a.ap ?? 0)}.`);
  };
  tell(scores.agreement);
  let saved = Promise.resolve(); // one label at a time, so that the agreement shown is of them all
  const save = (image: string, label: Label) => {
    saved = saved.catch(() => undefined).then(async () => tell(await call<Agreement>("PUT", `/api/runs/${r.id}/labels`, { image, label })));
    return saved;
  };
  const card = (im: ImageScore) => {
    const name = `label-${im.rank}-${im.name}`;
    const choice = (value: Label, text: string) => el("label", {}, el("input", { type: "radio", name, value, checked: im.label === value, change: async () => {
      await save(im.name, value);
      im.label = value;
    } }), el("span", {}, text));
    return el("li", { class: "card", "data-image": im.name }, el("a", { href: im.image, target: "_blank", rel: "noopener", class: "shot" }, el("img", { src: im.thumbnail, alt: im.name, loading: "lazy" })),
      el("div", { class: "about" }, shortened(im.name), el("small", {}, `rank ${im.rank}, ${number(im.score)}${im.family ? `, ${im.family}` : ""}${im.verdict ? `, ${im.verdict}` : ""}`),
        el("fieldset", { class: "modes" }, el("legend", { class: "hidden" }, `Label of ${im.name}`), choice("", "?"), choice("good", "good"), choice("bad", "bad"))));
  };
  return el("div", {}, el("p", { class: "lead" }, "Labels say what you see. They never change a score; they only show how well the scores agree. "),
    el("div", { class: "under" }, summary, el("a", { href: `/api/runs/${r.id}/labels.csv`, download: "" }, "labels.csv")), el("ul", { class: "gallery" }, ...scores.images.map(card)));
}
