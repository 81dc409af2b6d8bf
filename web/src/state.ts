import { Data, Evidence, Maps } from "./data";

export type Mode = "image" | "overlay" | "map";

/** State is what the parts of the page share. */
export class State {
  threshold: number;
  readonly suggested: number;
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
    this.suggested = suggest(data.images.map((im) => im.score));
    this.threshold = this.best() ?? this.suggested;
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

  fails(image: number): boolean {
    return this.data.images[image].score >= this.threshold;
  }

  /** wrong tells a missed defect or a false alarm, where the truth is known. */
  wrong(image: number): "missed" | "false" | null {
    const truth = this.data.images[image].defective;
    if (truth === null || truth === this.fails(image)) return null;
    return truth ? "missed" : "false";
  }
}

/**
 * suggest returns median + 3·(median − 16 % quantile): three standard
 * deviations of good images, measured below the median, where no defect is.
 */
function suggest(scores: number[]): number {
  if (!scores.length) return 0;
  const s = [...scores].sort((a, b) => a - b);
  const at = (q: number) => s[Math.round(q * (s.length - 1))];
  return at(0.5) + 3 * (at(0.5) - at(0.16));
}
