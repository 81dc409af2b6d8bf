// What to make of a batch, in sentences.

import { count, el, percent } from "./dom";
import { State } from "./state";

/** few is the number of images below which the batch says little of good parts. */
const few = 20;

/** summary says what was found, what it rests on and what weakens it. */
export function summary(state: State): HTMLElement {
  const node = el("div", { class: "panel sense" });
  const show = () => node.replaceChildren(...sentences(state).map((s) => el("p", {}, ...s)), ...doubts(state), rehearse(state));
  state.onChange(show);
  show();
  return node;
}

type Words = (Node | string)[];

const family = (id: string) => el("a", { href: `#family-${id}` }, id);

function sentences(state: State): Words[] {
  const { data } = state, n = data.images.length, { fail, unsure, pass } = state.counts();
  if (data.fdr === null && state.asScanned() && !state.hasTruth && !state.answers.count()) return [[`${count(n, "part")} ${n === 1 ? "was" : "were"} scored and not judged; the highest scores come first.`]];
  const out: Words[] = [];
  const all = (k: number, one: string, many: string) => `${k} ${k === 1 ? one : many}`;
  const recurs = state.defects().slice(0, 3).map((f): Words => [el("b", { class: "fail" }, count(f.members.length, "part"), " share a recurring defect"), " (", family(f.id), "): look at these first."]);
  const why = data.verdict_note && `${data.verdict_note[0].toUpperCase()}${data.verdict_note.slice(1)}.`;
  if (why && data.limits.fail === null && state.answers.limit === null && state.asScanned()) out.push(...recurs, [why]);
  else {
    out.push([`Of ${count(n, "part")}, `, el("b", { class: "fail" }, all(fail, "fails", "fail")), ", ", el("b", { class: "unsure" }, all(unsure, "needs a look", "need a look")), " and ", el("b", { class: "pass" }, all(pass, "passes", "pass")), "."], ...recurs);
    if (why) out.push([why]);
    if (data.fdr !== null && fail + unsure > 0) out.push([fail ? `Of those that fail, about ${Math.round(100 * data.fdr)} % may be good after all. ` : "", unsure ? "Look at the unsure ones from the first on: an answer about one of them also decides others." : ""]);
  }
  out.push(...questions(state).map((q): Words => [family(q.id), q.note.slice(q.id.length), "."]));
  if (state.hasTruth) {
    const wrong = data.images.map((_, i) => state.wrong(i)), missed = wrong.filter((w) => w === "missed").length, alarms = wrong.filter((w) => w === "false").length;
    out.push([`Against the known truth: ${count(missed, "defect")} missed, ${count(alarms, "false alarm")}.`]);
  }
  if (unsure < n || data.limits.fail !== null) out.push([rests(state)]); // else there is no verdict to rest on anything
  return out;
}

/** questions are the notes about families, which begin with the name of one. */
function questions(state: State): { id: string; note: string }[] {
  const { data } = state, open = data.families.filter((_, k) => !state.answers.about(state.members(k)));
  return data.notes.flatMap((note) => open.filter((f) => note.startsWith(`${f.id}:`) || note.startsWith(`${f.id} (`)).map(({ id }) => ({ id, note })));
}

/** rests names the assumption that verdicts are made under. */
function rests(state: State): string {
  const { data } = state;
  if (data.references) return `Verdicts rest on ${count(data.references, "part")} known to be good, which all were compared with.`;
  if (!data.own) return "Each part was judged as if it had been in the earlier scan that it was compared with.";
  const good = data.images.filter((im) => ["good", "reference"].includes(state.answers.of(im))).length;
  if (good) return `Verdicts rest on ${count(good, "part")} said to be good, and assume that at least half of the others are, too, of one kind and photographed alike.`;
  return "Nobody said what a good part looks like. Verdicts assume that at least half of these are good, of one kind and photographed alike.";
}

/** doubts are what weakens the verdicts. */
function doubts(state: State): HTMLElement[] {
  const { data } = state, n = data.images.length, { fail, unsure } = state.counts();
  const items: string[] = [];
  if (data.own && n < few) items.push(`${count(n, "image")}: with fewer than ${few}, little is known of what good parts look like.`);
  if (data.own && data.fdr !== null && fail > n / 3) items.push(`${percent(fail / n)} of the parts fail. If more than half are bad, the bad ones look normal: press “Reference” beside some that are good.`);
  if (data.fdr !== null && unsure > n / 3 && unsure < n) items.push(`${percent(unsure / n)} of the parts are unsure: the scores do not part good from bad well.`);
  const asked = questions(state).map((q) => q.note);
  items.push(...data.notes.filter((note) => !asked.includes(note)));
  if (data.skipped.length) items.push(`${count(data.skipped.length, "file")} could not be read and ${data.skipped.length === 1 ? "was" : "were"} not judged: see the end.`);
  return items.length ? [el("h3", {}, "What weakens this"), el("ul", { class: "doubts" }, ...items.map((t) => el("li", {}, t)))] : [];
}

function rehearse(state: State): HTMLElement {
  return el("p", { class: "hint" }, "How small a defect would be found on these parts? ", el("code", {}, `codegraph rehearse ${state.data.folder || "FOLDER"}`), " plants some into the good ones and counts.");
}
