// One run: how far it is, and its report.

import type { Judged } from "../answers";
import { count, el, number } from "../dom";
import { type Accepted, type Agreement, type Run, type Scores, type Server, type Verdicts, call, over, title, when } from "./api";
import { choices } from "./choices";
import { advance, badge, progressOf, refusals, verdicts } from "./home";
import type { Live } from "./live";

export async function run(live: Live, server: Server, id: string): Promise<HTMLElement> {
  const asked = live.run(id) ?? (await call<Run>("GET", `/api/runs/${id}`));
  let current = live.run(id) ?? asked;
  const head = el("div"), body = el("div");
  const root = el("div", {}, head, body);
  const view = () => {
    head.replaceChildren(header(live, server, current));
    if (current.status === "done") void results(live, current).then((n) => body.replaceChildren(n), (e: Error) => body.replaceChildren(el("p", { class: "problem" }, e.message)));
    else body.replaceChildren();
  };
  live.follow(root, () => {
    const next = live.run(id);
    if (next && JSON.stringify(next) !== JSON.stringify(current)) {
      const { status, verdicts: had } = current;
      current = next;
      if (next.status !== status) view();
      else if (JSON.stringify(next.verdicts) !== JSON.stringify(had)) head.querySelector(".facts")?.replaceWith(facts(live, current)); // what is being filled in stays
    }
  }, () => { for (const p of head.querySelectorAll<HTMLElement>("[data-progress]")) advance(p, live); });
  live.judged = (of) => judged.get(of)?.();
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
    el("h1", { class: "hidden" }, title(r)),
    el("div", { class: "names" },
      el("label", { class: "field grow" }, el("span", {}, "Name"), el("input", { type: "text", value: r.name, placeholder: title(r), maxlength: 200, change: save("name") })),
      el("label", { class: "field grow" }, el("span", {}, "Notes"), el("input", { type: "text", value: r.note, maxlength: 2000, change: save("note") }))),
    facts(live, r),
    r.error && el("p", { class: "problem" }, r.error),
    ...refusals(refused),
    el("div", { class: "controls" }, !over(r.status) && el("button", { type: "button", id: "cancel", click: cancel }, "Cancel"),
      over(r.status) && again(server, r), over(r.status) && el("button", { type: "button", class: "quiet", click: remove }, "Remove")));
}

/** facts are what is known of a run, in a line. */
const facts = (live: Live, r: Run): HTMLElement =>
  el("p", { class: "facts", role: "status" }, badge(r), verdicts(r), progressOf(live, r), ` ${count(r.images, "image")} · ${r.source} · ${when(r.created)}${took(r)}`, r.parent && el("span", {}, " · again of ", el("a", { href: `#/runs/${r.parent}` }, "an earlier run")));

/** took is the time of a run, and that for each image. */
function took(r: Run): string {
  if (r.status !== "done" || !r.started || !r.ended) return "";
  const seconds = (Date.parse(r.ended) - Date.parse(r.started)) / 1000;
  return ` · ${number(seconds, seconds < 10 ? 2 : 0)} s` + (r.images > 1 ? `, ${number(seconds / r.images, 2)} s an image` : "");
}

function again(server: Server, r: Run): HTMLElement {
  const options = choices(server, r.options);
  const go = async () => {
    const a = await call<Accepted>("POST", `/api/runs/${r.id}/again`, { options: options.value() });
    location.hash = `#/runs/${a.run.id}`;
  };
  return el("details", { id: "again" }, el("summary", {}, "Run again"), options.node, el("p", {}, el("button", { type: "button", class: "primary", click: go }, "Start again")));
}

/** results are the report of a run, which answers are given on. */
async function results(live: Live, r: Run): Promise<HTMLElement> {
  const scores = await call<Scores>("GET", `/api/runs/${r.id}/scores`);
  const report = `/files/runs/${r.id}/report.html`, api = `/api/runs/${r.id}`;
  const agreement = el("span", { class: "agreement", role: "status" });
  const frame = el("iframe", { src: report + view(r.id), title: "Report", class: "report" });
  host(live, r, frame, agreement);
  tell(agreement, scores.agreement);
  return el("div", {}, el("div", { class: "tabs" }, agreement,
    el("span", { class: "links" }, el("a", { href: report, target: "_blank", rel: "noopener" }, "Report alone"), el("a", { href: `${api}/report.zip`, download: "" }, "report.zip"), el("a", { href: `${api}/answers.json`, download: "answers.json" }, "answers.json"),
      el("a", { href: `/files/runs/${r.id}/scores.csv`, download: "" }, "scores.csv"), el("a", { href: `${api}/results`, download: "results.json" }, "results.json"))), frame);
}

/** view is the part of the address that the report's view is kept in. */
function view(id: string): string {
  const [, , run, ...rest] = location.hash.split("/");
  return run === id && rest.length > 0 ? "#" + decodeURIComponent(rest.join("/")) : "";
}

/** tell says how well the scores agree with the answers. */
function tell(node: HTMLElement, a: Agreement): void {
  node.textContent = a.good + a.bad === 0 ? "Answers on the report are judged at once." : `${a.good} said to be good, ${a.bad} bad.` + (a.auroc === null ? "" : ` The scores agree with AUROC ${number(a.auroc)}, AP ${number(a.ap ?? 0)}.`);
}

/** host answers the report in the frame: it hands its answers to the server, one at a time, and gives back what they change. */
function host(live: Live, r: Run, frame: HTMLIFrameElement, agreement: HTMLElement): void {
  const api = `/api/runs/${r.id}/answers`;
  const post = (what: object) => frame.contentWindow?.postMessage(what, location.origin);
  let last = Promise.resolve(), waiting = 0;
  let shown: Judged | null = null;
  let before: Verdict[] | undefined; // the scan that an answer took
  const take = async (method: string, now: Judged) => {
    if (shown?.pending && !now.pending && !now.failed) {
      // Another scan has written another report.
      before = shown.images.map((im) => im.verdict);
      shown = null;
      return frame.contentWindow?.location.reload();
    }
    shown = now;
    post({ codegraph: "judged", judged: now, before });
    if (!now.failed && !now.pending && r.verdicts) live.put({ ...(live.run(r.id) ?? r), verdicts: tally(now) });
    before = undefined;
    if (method !== "GET" || now.steps.length > 0) tell(agreement, (await call<Scores>("GET", `/api/runs/${r.id}/scores`)).agreement);
  };
  const ask = (method: string, path: string, body?: unknown) => {
    waiting++;
    last = last.then(async () => {
      let now: Judged;
      try {
        now = await call<Judged>(method, path, body);
      } finally {
        waiting--;
      }
      if (waiting === 0) await take(method, now); // else more has been said since
    }).catch(async (e: Error) => {
      if (method === "GET") return void (agreement.textContent = e.message);
      await call<Judged>("GET", api).then((now) => take("GET", now)).catch(() => {});
      post({ codegraph: "refused", reason: e.message });
    });
  };
  const hear = (e: MessageEvent) => {
    if (!frame.isConnected && frame.dataset.shown) return removeEventListener("message", hear);
    if (e.source !== frame.contentWindow || e.origin !== location.origin) return;
    frame.dataset.shown = "";
    switch (e.data?.codegraph) {
      case "ready": return ask("GET", api);
      case "say": return ask("POST", api, { ...e.data.step, time: undefined });
      case "undo": return ask("DELETE", `${api}/last`);
      case "again": return ask("POST", `${api}/again`, {});
      case "view": if (location.hash.startsWith(`#/runs/${r.id}`)) history.replaceState(null, "", `#/runs/${r.id}` + (e.data.hash ? "/" + encodeURIComponent(e.data.hash) : ""));
    }
  };
  addEventListener("message", hear);
  judged.set(r.id, () => frame.isConnected && ask("GET", api));
}

/** tally counts verdicts: the head of the run says what its report says. */
function tally({ images }: Judged): Verdicts {
  const of = (v: Verdict) => images.filter((im) => im.verdict === v).length;
  return { pass: of("pass"), unsure: of("unsure"), fail: of("fail") };
}

type Verdict = Judged["images"][0]["verdict"];

/** judged ask for the judgement of a run again, once its files have followed or could not. */
const judged = new Map<string, () => void>();
