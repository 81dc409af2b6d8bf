// The first view: a new run, and the history.

import { count, el } from "../dom";
import { type Accepted, type Run, type Server, Failure, call, over, phase, title, upload, when } from "./api";
import { choices } from "./choices";
import { type Picked, chosen, dropped, keep } from "./drop";
import type { Live } from "./live";

export const badge = (r: Run): HTMLElement => el("span", { class: `status ${r.status}` }, r.status);

/** verdicts counts the images of a run by their verdict. */
export const verdicts = (r: Run): HTMLElement | null => r.verdicts && el("span", { class: "verdicts" },
  ...(["fail", "unsure", "pass"] as const).map((v) => el("span", { class: v }, `${r.verdicts![v]} ${v}`)));

/** fresh is the form for a new run. */
export function fresh(server: Server): HTMLElement {
  let picked: Picked[] = [], references: Picked[] = [];
  let stop: AbortController | null = null;
  const options = choices(server);
  const name = el("input", { type: "text", maxlength: 200, autocomplete: "off" });
  const list = el("p", { class: "hint picked", role: "status" });
  const problem = el("div", { class: "problem", role: "alert", hidden: true });
  const bar = el("progress", { max: 1, value: 0, "aria-label": "Upload", hidden: true });
  const start = el("button", { type: "submit", class: "primary", disabled: true }, "Start the run");
  const abort = el("button", { type: "button", hidden: true, click: () => stop?.abort() }, "Stop the upload");

  const take = (files: Picked[], known = false) => {
    const good = keep(files);
    if (known) references = references.concat(good);
    else picked = picked.concat(good);
    const all = picked.concat(references), bytes = all.reduce((n, p) => n + p.file.size, 0);
    list.textContent = all.length === 0 ? "None of these is an image or a zip archive." : `${count(all.length, "file")}, ${(bytes / 1e6).toFixed(1)} MB` +
      (references.length ? `, of which ${count(references.length, "reference")}` : "") +
      (files.length > good.length ? `; ${count(files.length - good.length, "other file")} left out` : "");
    start.disabled = picked.length === 0;
  };
  const fail = (e: unknown) => {
    const f = e instanceof Failure ? e : new Failure(String(e), 0);
    problem.replaceChildren(el("p", {}, f.message), ...refusals(f.refused));
    problem.hidden = false;
  };
  const send = async () => {
    problem.hidden = true;
    const form = new FormData();
    form.append("name", name.value);
    form.append("options", JSON.stringify(options.value()));
    for (const p of picked) form.append("files", p.file, p.name);
    for (const p of references) form.append("references", p.file, "references/" + p.name);
    stop = new AbortController();
    bar.hidden = abort.hidden = false;
    start.disabled = true;
    try {
      done(await upload("/api/runs", form, (share) => { bar.value = share; }, stop.signal));
    } catch (e) {
      fail(e);
    } finally {
      bar.hidden = abort.hidden = true;
      start.disabled = picked.length === 0;
    }
  };
  const input = (props: Record<string, string | boolean>, text: string, known = false) => {
    const box = el("input", { type: "file", class: "hidden", ...props, change: () => { take(chosen(box.files), known); box.value = ""; } });
    return el("label", { class: "button" }, box, text);
  };
  const zone = el("div", { class: "zone" },
    el("p", {}, el("b", {}, "Drop images, a folder or a zip archive here")),
    el("p", { class: "hint" }, `20 or more of the same kind of part, at most ${server.limits.files}`),
    el("p", { class: "controls" }, input({ id: "files", multiple: true, accept: "image/*,.zip" }, "Choose files"), input({ id: "folder-files", webkitdirectory: true }, "Choose a folder"),
      input({ id: "references", multiple: true, accept: "image/*,.zip", title: "Parts known to be good: the others are compared with them, and judged by them" }, "Add references"),
      el("button", { type: "button", class: "quiet", click: () => { picked = references = []; take([]); list.textContent = ""; } }, "Clear")),
    list);
  zone.addEventListener("dragover", (e) => { e.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (e) => {
    e.preventDefault();
    zone.classList.remove("over");
    if (e.dataTransfer) take(await dropped(e.dataTransfer));
  });
  return el("form", { class: "panel fresh", submit: (e) => { e.preventDefault(); void send(); } }, zone,
    el("div", { class: "settings" }, el("label", { class: "field" }, el("span", {}, "Name"), name), options.node,
      el("p", { class: "controls" }, start, abort, bar), problem, server.roots.length > 0 && folder(server, options.value, () => name.value, fail)));
}

/** folder is the field for a folder of the server's machine. */
function folder(server: Server, options: () => object, name: () => string, fail: (e: unknown) => void): HTMLElement {
  const path = el("input", { type: "text", value: server.roots[0], spellcheck: "false" });
  const go = async () => {
    try {
      done(await call<Accepted>("POST", "/api/runs", { name: name(), folder: path.value, options: options() }));
    } catch (e) {
      fail(e);
    }
  };
  return el("details", {}, el("summary", {}, "A folder on the server's machine"),
    el("p", { class: "hint" }, `below ${server.roots.join(" or ")}`), el("p", { class: "controls" }, el("label", { class: "field grow" }, el("span", {}, "Folder"), path),
      el("button", { type: "button", click: go }, "Start with the folder")));
}

const done = (a: Accepted) => {
  if (a.refused.length > 0) sessionStorage.setItem("refused " + a.run.id, JSON.stringify(a.refused));
  location.hash = `#/runs/${a.run.id}`;
};

export const refusals = (list: { name: string; reason: string }[]): HTMLElement[] =>
  list.length === 0 ? [] : [el("details", { open: list.length < 4 }, el("summary", {}, `${count(list.length, "file")} not taken`), el("ul", {}, ...list.map((r) => el("li", {}, `${r.name}: ${r.reason}`))))];

/** history is the list of runs, kept up to date. */
export function history(live: Live): HTMLElement {
  const marked: string[] = [];
  const body = el("tbody");
  // Ids sort by time: the earlier run is A.
  const compare = el("button", { type: "button", disabled: true, click: () => { location.hash = `#/compare/${[...marked].sort().join("/")}`; } }, "Compare the two marked");
  const more = el("button", { type: "button", class: "quiet", click: () => void live.more() }, "Older runs");
  const mark = (id: string, on: boolean) => {
    if (on) marked.push(id);
    else marked.splice(marked.indexOf(id), 1);
    if (marked.length > 2) marked.shift();
    for (const box of body.querySelectorAll<HTMLInputElement>("input")) box.checked = marked.includes(box.value);
    compare.disabled = marked.length !== 2;
  };
  const row = (r: Run) => el("tr", { "data-run": r.id },
    el("td", {}, r.status === "done" && el("input", { type: "checkbox", value: r.id, "aria-label": `Mark ${title(r)}`, checked: marked.includes(r.id), change: (e) => mark(r.id, e.target.checked) })),
    el("th", { scope: "row" }, el("a", { href: `#/runs/${r.id}` }, title(r)), r.note && el("small", {}, r.note)),
    el("td", {}, badge(r), progressOf(live, r)), el("td", {}, verdicts(r)), el("td", { class: "n" }, String(r.images)), el("td", { class: "n" }, r.status === "done" ? String(r.families) : ""), el("td", {}, when(r.created)));
  const show = () => {
    body.replaceChildren(...live.runs.map(row));
    more.hidden = !live.older;
    empty.hidden = live.runs.length > 0;
  };
  const tick = () => { for (const p of body.querySelectorAll<HTMLElement>("[data-progress]")) advance(p, live); };
  const empty = el("p", { class: "hint" }, "No runs yet.");
  live.follow(body, show, tick);
  show();
  return el("section", { "aria-labelledby": "history-title" }, el("div", { class: "under" }, el("h2", { id: "history-title" }, "Runs"), compare),
    el("div", { class: "table", tabindex: 0, role: "group", "aria-label": "Runs" }, el("table", { class: "runs" },
      el("thead", {}, el("tr", {}, ...["", "Run", "Status", "Verdicts", "Images", "Families", "Started"].map((t, i) => el("th", { scope: "col", class: i === 4 || i === 5 ? "n" : undefined }, t || el("span", { class: "hidden" }, "Mark"))))), body)), empty, more);
}

/** progressOf shows how far a run is; advance brings it up to date. */
export function progressOf(live: Live, r: Run): HTMLElement | null {
  if (over(r.status)) return null;
  const node = el("span", { class: "far", "data-progress": r.id }, el("progress", { max: 1, "aria-label": "Progress" }), el("small", {}));
  advance(node, live);
  return node;
}

export function advance(node: HTMLElement, live: Live): void {
  const p = live.progress, id = node.dataset.progress;
  if (p?.run !== id) return;
  const bar = node.querySelector("progress")!;
  bar.max = Math.max(1, p!.total);
  bar.value = p!.done;
  node.querySelector("small")!.textContent = `${phase(p!)}: ${p!.done} of ${p!.total}`;
}
