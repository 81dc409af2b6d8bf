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

const ofImages: [ForImage, string, string][] = [["good", "Good", "This part is good"], ["bad", "Bad", "This part is bad"], ["reference", "Reference", "Good, and what it shares with others is harmless"]];

/** aboutImage asks about an image. */
export function aboutImage(state: State, im: Photo): HTMLElement {
  return choice(`Answer about ${im.name}`, ofImages, () => state.answers.of(im), (v) => state.answers.sayImage(im, v), state);
}

/** aboutImages asks about the images that are given, all at once. */
export function aboutImages(state: State, images: () => Photo[]): HTMLElement {
  const all: [ForImage, string, string][] = [["good", "All good", "These parts are good"], ["bad", "All bad", "These parts are bad"], ["reference", "References", "Use these as references: they are good, and what they share with others is harmless"]];
  const now = (): ForImage | "" => {
    const said = images().map((im) => state.answers.of(im));
    return said.every((a) => a === said[0]) ? said[0] ?? "" : "";
  };
  return choice("Answer about all images shown", all, now, (v) => state.answers.sayImages(images(), v), state);
}

/** aboutFamily asks about a family. */
export function aboutFamily(state: State, k: number): HTMLElement {
  const all: [ForFamily, string, string][] = [
    ["defect", "A defect", "Its patches are kept out of the comparison"], ["harmless", "Harmless", "A variant of the part: judged among its own"], ["none", "Not a group", "These images have nothing in common"]];
  const members = state.members(k);
  const references = el("button", { type: "button", class: "quiet references", title: "These parts are good, and what they share is harmless", click: () => state.answers.sayImages(state.data.families[k].members.map((m) => state.data.images[m.image]), "reference") }, "Use as references");
  return el("div", { class: "asked" }, choice(`Answer about ${state.data.families[k].id}`, all, () => state.answers.about(members), (v) => state.answers.sayFamily(state.data.families[k].id, members, v), state), references);
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
  const again = el("button", { type: "button", id: "judge-again", click: () => answers.again() }, "Try again");
  const node = el("aside", { class: "answers", "aria-label": "Answers", hidden: true }, text, changed,
    el("div", { class: "controls" }, again, undo, file, el("details", {}, el("summary", {}, "History"), past)), hint);
  const hand = () => { answers.saved = answers.steps.length; };
  const show = () => {
    node.hidden = answers.steps.length === 0 && !state.refused;
    if (node.hidden) return;
    const changes = state.refused || state.failed ? [] : state.changes ?? [];
    again.hidden = !state.failed;
    node.classList.toggle("failed", Boolean(state.failed || state.refused));
    text.replaceChildren(...became(state));
    changed.replaceChildren(...changes.slice(0, 8).map((c) => el("li", {}, el("button", { type: "button", class: "quiet", click: () => state.open(c.image) }, state.data.images[c.image].name), ` ${c.from} → `, el("b", { class: c.to }, c.to))),
      ...(changes.length > 8 ? [el("li", {}, `and ${changes.length - 8} more`)] : []));
    past.replaceChildren(...[...answers.steps].reverse().map((s) => el("li", {}, said(s), s.time && el("small", {}, ` ${new Date(s.time).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" })}`))));
    undo.disabled = answers.steps.length === 0;
    file.href = "data:application/json," + encodeURIComponent(JSON.stringify(answers.file(), null, 1) + "\n");
    hint.hidden = Boolean(state.failed || state.refused);
    hint.replaceChildren(...(answers.host ? ["Answers are kept with the run; its files follow in a moment."]
      : ["Your answers count for these images here. To have all others judged by them: ", el("code", {}, `codegraph scan --answers answers.json ${state.data.folder || "FOLDER"}`)]));
  };
  state.onChange(show);
  show();
  window.addEventListener("beforeunload", (e) => { if (answers.unsaved()) e.preventDefault(); });
  return node;
}

/** became says what became of the answers. */
function became({ answers, refused, failed, pending, changes }: State): (Node | string)[] {
  const n = answers.count();
  if (refused) return [el("b", {}, "That was not taken"), `: ${refused}. All is as it was before.`];
  if (failed) return [el("b", {}, "The last answer could not be judged"), `: ${failed}. The result before it is kept and shown. Try again once that is mended, or undo the answer.`];
  const all = el("b", {}, n ? count(n, "answer") : "No answer");
  if (pending) return [all, ", being judged. After an answer about a family or a region the images may have to be scanned again, which takes as long as the first time."];
  if (changes === null) return [all, "."];
  return [all, changes.length ? `; the last one changed ${count(changes.length, "verdict")}:` : "; the last one changed no verdict."];
}

export const verdictWords: Record<Label, string> = { fail: "✕ Fail", unsure: "? Unsure", pass: "✓ Pass" };
