import { el } from "../dom";
import { type Server, call } from "./api";
import { compare } from "./compare";
import { drift } from "./drift";
import { fresh, history } from "./home";
import { Live } from "./live";
import { run } from "./run";

const lost = el("p", { class: "lost", role: "alert", hidden: true }, "The server does not answer. What is shown may be old.");
const live = new Live((yes) => { lost.hidden = !yes; });
const main = el("main", { id: "main", tabindex: -1 });
let turn = 0; // of views: one that comes late is not shown

async function view(server: Server): Promise<HTMLElement> {
  const [, what, ...ids] = location.hash.split("/");
  if (what === "runs" && ids[0]) return run(live, server, ids[0]);
  if (what === "compare" && ids.length === 2) return compare(ids[0], ids[1]);
  if (what === "drift" && ids[0]) return drift(decodeURIComponent(ids[0]));
  const watched = server.watch ? el("p", { class: "hint" }, `New images in ${server.watch} start runs by themselves.`) : null;
  return el("div", {}, el("section", { "aria-labelledby": "fresh-title" }, el("h1", { id: "fresh-title" }, "New run"), fresh(server), watched), history(live), drifts(server));
}

/** drifts lead to how new parts compare with each saved scan. */
function drifts(server: Server): HTMLElement | null {
  return server.snapshots.length === 0 ? null : el("section", { "aria-labelledby": "drift-title" }, el("h2", { id: "drift-title" }, "Drift"),
    el("p", {}, "Do new parts still score as those of the saved scan? ", ...server.snapshots.flatMap((n, k) => [k ? ", " : "", el("a", { href: `#/drift/${encodeURIComponent(n)}` }, n)])));
}

async function show(server: Server): Promise<void> {
  const mine = ++turn;
  delete document.documentElement.dataset.ready;
  let node: HTMLElement;
  try {
    node = await view(server);
  } catch (e) {
    node = el("p", { class: "problem", role: "alert" }, e instanceof Error ? e.message : String(e));
  }
  if (mine !== turn) return;
  main.replaceChildren(node);
  document.documentElement.dataset.ready = location.hash || "#/";
}

async function start(): Promise<void> {
  const server = await call<Server>("GET", "/api/server");
  addEventListener("hashchange", () => { void show(server).then(() => main.focus()); });
  document.body.append(
    el("a", { class: "skip", href: "#main", click: (e) => { e.preventDefault(); main.focus(); } }, "Skip to the content"),
    el("header", { class: "bar" }, el("a", { href: "#/", class: "brand" }, "codegraph"), el("nav", { "aria-label": "Main" }, el("a", { href: "#/" }, "Runs"), el("a", { href: "/api/openapi.json" }, "Interface")), el("small", {}, `version ${server.version}`)),
    lost, main);
  await show(server);
}

start().catch((e: Error) => document.body.append(el("p", { class: "problem", role: "alert" }, e.message)));
