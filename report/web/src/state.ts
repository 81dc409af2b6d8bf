import { Data, Evidence, Maps } from "./data";

export type Mode = "image" | "overlay" | "map";

/** State is what the parts of the page share. */
export class State {
  threshold: number;
  readonly suggested: number;
  readonly maps: Maps;
  readonly evidence: Evidence | null;
  readonly hasTruth: boolean;
  /** order lists the images of the gallery as they are shown. */
  order: number[] = [];
  open: (image: number, patch?: number) => void = () => {};
  private listeners: (() => void)[] = [];

  constructor(readonly data: Data) {
    this.maps = new Maps(data);
    this.evidence = data.vectors && new Evidence(data.vectors, data.grid);
    this.hasTruth = data.images.some((im) => im.defective !== null);
    this.suggested = this.threshold = suggest(data.images.map((im) => im.score));
  }

  onThreshold(f: () => void): void {
    this.listeners.push(f);
  }

  setThreshold(v: number): void {
    this.threshold = v;
    for (const f of this.listeners) f();
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
