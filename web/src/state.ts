import { Data, Evidence, Maps } from "./data";

export type Mode = "image" | "overlay" | "map";

/** State is what the parts of the page share. */
export class State {
  threshold: number;
  /** limit is the score from which on an image fails by the scan, above all scores if none does. */
  readonly limit: number;
  readonly maps: Maps;
  readonly evidence: Evidence | null;
  readonly hasTruth: boolean;
  readonly hasMasks: boolean;
  /** order lists the images of the gallery as they are shown. */
  order: number[] = [];
  open: (image: number, patch?: number) => void = () => {};
  private listeners: (() => void)[] = [];

  constructor(readonly data: Data) {
    this.maps = new Maps(data);
    this.evidence = data.vectors && new Evidence(data.vectors, data.grid);
    this.hasTruth = data.images.some((im) => im.defective !== null);
    this.hasMasks = data.images.some((im) => im.mask !== null);
    this.limit = data.limits.fail ?? above(data.images.map((im) => im.score));
    this.threshold = this.limit;
  }

  onThreshold(f: () => void): void {
    this.listeners.push(f);
  }

  setThreshold(v: number): void {
    this.threshold = v;
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

  /** asScanned says that the verdicts shown are the scan's. */
  asScanned(): boolean {
    return this.threshold === this.limit;
  }

  /** verdict is the scan's, or what another threshold would make of it. */
  verdict(image: number): "pass" | "unsure" | "fail" {
    const im = this.data.images[image];
    if (this.asScanned() && im.verdict !== null) return im.verdict;
    if (im.score >= this.threshold) return "fail";
    const { pass } = this.data.limits;
    return this.data.fdr === null || (pass !== null && im.score <= pass) ? "pass" : "unsure";
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
}

/** above is a little more than the highest score. */
function above(scores: number[]): number {
  const highest = Math.max(...scores), lowest = Math.min(...scores);
  return highest + (highest - lowest || Math.abs(highest) || 1) * 0.02;
}
