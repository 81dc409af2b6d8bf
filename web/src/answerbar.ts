// Where a person answers: choices beside images and families, and what became of
// the answers.

import { ForFamily, ForImage, said } from "./answers";
import { Photo } from "./data";
import { count, el } from "./dom";
import { Label, State } from "./state";

/** choice is a row of buttons of which at most one is pressed; pressing it again takes it back. */
function choice<T extends string>(legend: string, all: [T, string, string][], now: () => T | "", say: (v: T | "") => void, state: State): HTMLElement {
  const buttons = all.map(([value, text, hint]) => el("button", { type: "button", class: `say ${value}`, title: hint, click: () => say(now() === value ? "" : value) }, text));
  const show = () => buttons.forEach((b, k) => b.setAttribute("aria-pressed", String(now() === all[k][0])));
  state.onChange(show);
  show();
  return el("div", { class: "choice", role: "group", "aria-label": legend }, ...buttons);
}

const two: [ForImage, string, string][] = [["good", "Good", "This part is good"], ["bad", "Bad", "This part is bad"]];
const three: [ForImage, string, string][] = [...two, ["reference", "Reference", "Good, and what it shares with others is harmless"]];

/** aboutImage asks about an image; wide ones have all choices. */
export function aboutImage(state: State, im: Photo, wide = false): HTMLElement {
  return choice(`Answer about ${im.name}`, wide ? three : two, () => state.answers.of(im), (v) => state.answers.sayImage(im, v), state);
}

/** aboutFamily asks about a family. */
export function aboutFamily(state: State, k: number): HTMLElement {
  const all: [ForFamily, string, string][] = [
    ["defect", "A defect", "Its patches are kept out of the comparison"], ["harmless", "Harmless", "A variant of the part: judged among its own"], ["none", "Not a group", "These images have nothing in common"]];
  const members = state.members(k);
  return choice(`Answer about ${state.data.families[k].id}`, all, () => state.answers.about(members), (v) => state.answers.sayFamily(state.data.families[k].id, members, v), state);
}

/** bar shows what was answered, what changed, and what to do with it. */
export function bar(state: State): HTMLElement {
  const { answers } = state;
  const text = el("p", { role: "status", id: "answered" });
  const changed = el("ul", { class: "changes" });
  const past = el("ol", { class: "history" });
  const undo = el("button", { type: "button", id: "undo", click: () => answers.undo() }, "Undo");
  const file = el("a", { class: "button", id: "answers-file", download: "answers.json", click: () => hand() }, "Save the answers");
  const hint = el("p", { class: "hint" });
  const node = el("aside", { class: "answers", "aria-label": "Answers", hidden: true }, text, changed,
    el("div", { class: "controls" }, undo, file, el("details", {}, el("summary", {}, "History"), past)), hint);
  const hand = () => { answers.saved = answers.steps.length; };
  const show = () => {
    node.hidden = answers.steps.length === 0;
    if (node.hidden) return;
    const n = answers.count();
    text.replaceChildren(el("b", {}, n ? count(n, "answer") : "No answer"), state.pending ? ", being judged. After an answer about a family or a region the images may have to be scanned again, which takes as long as the first time." : state.changes.length ? `; the last one changed ${count(state.changes.length, "verdict")}:` : "; the last one changed no verdict.");
    changed.replaceChildren(...state.changes.slice(0, 8).map((c) => el("li", {}, el("button", { type: "button", class: "quiet", click: () => state.open(c.image) }, state.data.images[c.image].name), ` ${c.from} → `, el("b", { class: c.to }, c.to))),
      ...(state.changes.length > 8 ? [el("li", {}, `and ${state.changes.length - 8} more`)] : []));
    past.replaceChildren(...[...answers.steps].reverse().map((s) => el("li", {}, said(s), s.time && el("small", {}, ` ${new Date(s.time).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" })}`))));
    undo.disabled = answers.steps.length === 0;
    file.href = "data:application/json," + encodeURIComponent(JSON.stringify(answers.file(), null, 1) + "\n");
    hint.replaceChildren(...(answers.host ? ["Answers are kept with the run; its files follow in a moment."]
      : ["Your answers count for these images here. To have all others judged by them: ", el("code", {}, `codegraph scan --answers answers.json ${state.data.folder || "FOLDER"}`)]));
  };
  answers.onChange(show);
  show();
  window.addEventListener("beforeunload", (e) => { if (answers.unsaved()) e.preventDefault(); });
  return node;
}

export const verdictWords: Record<Label, string> = { fail: "✕ Fail", unsure: "? Unsure", pass: "✓ Pass" };
