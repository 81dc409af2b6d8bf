import { Answers, Judged, Step } from "./answers";
import { Data, Evidence, Family, Maps } from "./data";
import { Tone } from "./heat";

export type Mode = "image" | "overlay" | "map";
export type Label = "pass" | "unsure" | "fail";

/** Change is an image whose verdict is another than before an answer. */
export interface Change { image: number; from: Label; to: Label }

/** State is what the parts of the page share. */
export class State {
  threshold: number;
  /** limit is the score from which on an image fails, above all scores if none does. */
  limit: number;
  readonly maps: Maps;
  readonly evidence: Evidence | null;
  readonly hasTruth: boolean;
  readonly hasMasks: boolean;
  readonly answers: Answers;
  tone: Tone;
  /** pending says that the app has not judged all answers yet. */
  pending = false;
  /** failed is why the app could not judge answers, refused why it did not take one. */
  failed = "";
  refused = "";
  /** changes are what the last answer changed; null before one was given here. */
  changes: Change[] | null = null;
  /** order lists the images of the gallery as they are shown. */
  order: number[] = [];
  open: (image: number, patch?: number) => void = () => {};
  /** closed is called with the image that was seen last. */
  closed: (image: number) => void = () => {};
  /** filter shows images of one verdict or family in the gallery. */
  filter: (by: { verdict?: string; family?: string }) => void = () => {};
  private listeners: (() => void)[] = [];
  private painters: (() => void)[] = [];
  private now: Label[] = [];
  private before: Label[] = []; // the last answer
  private steps = 0;
  private taken: Step[] = []; // that the app has
  private bad = new Set<number>(); // in a family that a person called a defect
  private held = new Set<number>(); // of one that is a defect, or may be: none passes

  constructor(readonly data: Data) {
    this.maps = new Maps(data);
    this.evidence = data.vectors && new Evidence(data.vectors, data.grid);
    this.hasTruth = data.images.some((im) => im.defective !== null);
    this.hasMasks = data.images.some((im) => im.mask !== null);
    this.limit = this.scanned();
    this.threshold = this.limit;
    this.tone = { own: false, palette: data.reddish ? "cool" : "warm" };
    this.answers = new Answers(data.version, data.answers, `codegraph answers ${location.pathname} ${data.images.length} ${data.limits.fail}`);
    this.answered();
    this.changes = null;
    this.answers.onChange(() => this.answered());
  }

  /** answered follows the limit that was set, unless another is tried out. */
  private answered(): void {
    const whatIf = !this.asScanned();
    this.limit = this.answers.limit ?? this.scanned();
    if (!whatIf) this.threshold = this.limit;
    this.compare();
  }

  private scanned(): number { return this.data.limits.fail ?? above(this.data.images.map((im) => im.score)); }

  /** onChange is called when verdicts may be others. */
  onChange(f: () => void): void { this.listeners.push(f); }

  /** onPaint is called when maps or their colours are others. */
  onPaint(f: () => void): void { this.painters.push(f); }

  setThreshold(v: number): void {
    this.threshold = v;
    for (const f of this.listeners) f();
  }

  setTone(t: Partial<Tone>): void {
    this.tone = { ...this.tone, ...t };
    for (const f of this.painters) f();
  }

  /** judge takes over what the app made of answers; before are the verdicts before the last one, where the page is a new one since. */
  judge(j: Judged, before?: Label[]): void {
    j.images.forEach((im, i) => Object.assign(this.data.images[i], im));
    for (const f of j.families) Object.assign(this.data.families.find((g) => g.id === f.id) ?? {}, { status: f.status, removed: f.removed });
    this.data.limits = j.limits;
    this.data.notes = j.notes;
    this.data.verdict_note = j.verdict_note;
    this.pending = j.pending;
    this.failed = j.failed;
    this.taken = j.steps;
    if (before) [this.before, this.steps, this.changes] = [before, j.steps.length, []];
    else if (this.changes === null) this.steps = j.steps.length;
    this.maps.judge(j.maps, j.colours);
    this.answers.take([...j.steps]);
    for (const f of this.painters) f();
  }

  /** refuse takes back what the app did not take. */
  refuse(reason: string): void {
    this.answers.take([...this.taken]);
    this.refused = reason;
    for (const f of this.listeners) f();
  }

  /** compare notes which verdicts are others than before the last answer. */
  private compare(): void {
    this.bad = new Set(this.data.families.flatMap((f, k) => (this.answers.about(this.members(k)) === "defect" ? f.members.map((m) => m.image) : [])));
    this.held = new Set(this.data.families.flatMap((f, k) => (f.status === "defect" || (f.status === "candidate" && !f.evidence?.whole && !this.answers.about(this.members(k))) ? f.members.map((m) => m.image) : [])));
    const now = this.data.images.map((_, i) => this.verdict(i));
    if (this.steps !== this.answers.steps.length) {
      [this.before, this.steps, this.changes, this.refused] = [this.now, this.answers.steps.length, [], ""];
    }
    this.now = now;
    if (this.changes) this.changes = now.flatMap((to, image) => (to === this.before[image] ? [] : [{ image, from: this.before[image], to }]));
    for (const f of this.listeners) f();
  }

  /** best is the threshold of the highest F1 against the known truth. */
  best(): number | null {
    const f = this.data.truth?.methods.slice(-1)[0].image;
    let best = null as number | null, most = -1;
    for (const [threshold, tp, fp] of f?.curve ?? []) {
      const f1 = (2 * tp) / (tp + fp + f!.positive);
      if (f1 > most) [best, most] = [threshold, f1];
    }
    return f?.positive ? best : null;
  }

  /** asScanned says that the limit is the scan's, or the one that was set. */
  asScanned(): boolean {
    return this.threshold === this.limit;
  }

  /** verdict is a person's, or the scan's, or what another threshold would make of it. */
  verdict(image: number): Label {
    const im = this.data.images[image];
    const said = this.said(image);
    if (said) return said;
    if (this.threshold === this.scanned() && im.verdict !== null) return im.verdict;
    if (im.score >= this.threshold) return "fail";
    const { pass } = this.data.limits;
    if (this.held.has(image)) return "unsure";
    return this.data.fdr === null || (pass !== null && im.score <= pass) ? "pass" : "unsure";
  }

  /** said is what a person's answers make of an image: about itself, or a family of it that is a defect. */
  said(image: number): Label | null {
    const own = this.answers.of(this.data.images[image]);
    if (own) return own === "bad" ? "fail" : "pass";
    return this.bad.has(image) ? "fail" : null;
  }

  /** defects are the families that recur, unless a person said otherwise. */
  defects(): Family[] {
    return this.data.families.filter((f, k) => (this.answers.about(this.members(k)) || f.status) === "defect");
  }

  counts(): Record<Label, number> {
    const out = { fail: 0, unsure: 0, pass: 0 };
    this.data.images.forEach((_, i) => out[this.verdict(i)]++);
    return out;
  }

  fails(image: number): boolean {
    return this.verdict(image) === "fail";
  }

  /** wrong tells a missed defect or a false alarm, where the truth is known. */
  wrong(image: number): "missed" | "false" | null {
    const truth = this.data.images[image].defective;
    if (truth === null || truth === this.fails(image)) return null;
    return truth ? "missed" : "false";
  }

  /** members are the names of a family's images. */
  members(family: number): string[] { return this.data.families[family].members.map((m) => this.data.images[m.image].name); }
}

/** above is a little more than the highest score. */
function above(scores: number[]): number {
  const highest = Math.max(...scores), lowest = Math.min(...scores);
  return highest + (highest - lowest || Math.abs(highest) || 1) * 0.02;
}
