import type { Said } from "./answers";

// The data of the page, as report/page_data.go writes it.

export interface Box { x: number; y: number; width: number; height: number }

/** Region is a defect region: outlines are x and y of each corner in turn, in pixels of the image. */
export interface Region { peak: number; outlines: number[][] }

export interface Photo {
  name: string;
  width: number;
  height: number;
  score: number;
  musc: number;
  rank: number;
  verdict: "pass" | "fail" | "unsure" | null; // of the scan; null: not judged
  p: number | null;
  q: number | null;
  severity: number | null; // 0 at the batch's median, 1 at the limit to fail
  family: number; // index into families, -1 for none
  turn: number;
  small: string | null;
  large: string | null;
  full: string | null;
  overlay: string | null;
  map: string | null;
  warnings: string[];
  regions: Region[];
  defective: boolean | null; // known truth
  mask: Mask | null; // of known defects
}

/** Mask holds runs of pixels, good and defective in turn, as varints. */
export interface Mask { width: number; height: number; runs: string }

/** Figures are shares; curve has threshold, defective and other images or pixels that score at least it. */
export interface Figures {
  auroc: number | null;
  ap: number | null;
  f1: number | null;
  pro: number | null;
  positive: number;
  negative: number;
  curve: [number, number, number][];
}

export interface Judgement { method: string; image: Figures; pixel: Figures | null }

export interface Truth { good: number; defective: number; masked: number; side: number; methods: Judgement[] }

export interface Member { image: number; box: Box; representative: Box; patches: string }

export interface Family {
  id: string;
  status: "defect" | "candidate" | "rejected" | "dismissed";
  members: Member[];
  density: number;
  limit: number | null;
  area: number;
  gain: number;
  removed: number;
  sheet: string | null;
  evidence: { distances: string; burnout: number; limit: number; next: number; z: number; alone: number; area: number; border: number; share: number; whole: boolean } | null;
}

export interface Community { images: number[]; density: number; limit: number }

export interface Edge { i: number; j: number; weight: number; from: number[]; to: number[] }

export interface Graph {
  gamma: number;
  outlierK: number;
  edges: Edge[];
  total: number; // edges there are, shown or not
  nodes: number[]; // images shown
  communities: Community[];
}

/** Model is what a normal patch does. The curves are α·ln(d/d(ω)) at the ranks up to ω. */
export interface Model {
  level: number; // p-value down to which a patch burns out
  alpha: number;
  fits: boolean;
  rejected: number; // share of the patches that a test at 5 % rejects
  expected: number[];
  low: number[];
  high: number[];
}

export interface Vectors {
  omega: number;
  alpha: number;
  ranks: number[];
  low: number[];
  high: number[];
  block: number;
  nearest: number;
  model: Model | null;
  lowest: number; // ln of the smallest and greatest distance
  highest: number;
  data: string;
  matches: string | null;
}

export interface Data {
  title: string;
  folder: string;
  created: string; // "": not said
  version: string;
  method: string;
  backbone: string;
  grid: { height: number; width: number };
  colours: { min: number; median: number; limit: number; max: number };
  reddish: boolean;
  images: Photo[];
  families: Family[];
  fdr: number | null; // null: images are not judged
  /** limits are the scores that verdicts change at; null: none does. */
  limits: { median: number | null; pass: number | null; fail: number | null };
  skipped: { name: string; reason: string }[];
  verdict_note: string; // why no part passes, or passes or fails; "": parts may
  notes: string[];
  left_out: string[];
  references: number; // known good images that were compared with
  own: boolean; // verdicts rest on this batch
  answers: Said | null; // that counted in the scan
  mapped: number; // images, by rank, that maps are there for
  maps: string;
  musc_maps: string;
  truth: Truth | null;
  graph: Graph | null;
  vectors: Vectors | null;
}

export function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let k = 0; k < out.length; k++) out[k] = text.charCodeAt(k);
  return out;
}

export function load(): Data {
  return JSON.parse(document.getElementById("data")!.textContent!) as Data;
}

/** medianLevel and limitLevel are the levels of the scores that colours begin and end at (report/colours.go). */
export const medianLevel = 64, limitLevel = 192;

/** Maps are the patch scores of all images, as levels. */
export class Maps {
  private final: Uint8Array;
  private before: Uint8Array;
  private judged = new Map<number, Uint8Array>(); // final ones since answers
  readonly patches: number;

  constructor(private data: Data) {
    this.patches = data.grid.height * data.grid.width;
    this.final = bytes(data.maps);
    this.before = bytes(data.musc_maps);
    data.images.forEach((im, i) => this.place.set(i, im.rank - 1));
  }

  /** place is where the maps of an image are: by its rank in the scan. */
  private place = new Map<number, number>();

  /** of returns the levels of an image, or null if the page has none. */
  of(image: number, musc: boolean): Uint8Array | null {
    const now = musc ? undefined : this.judged.get(image);
    if (now) return now;
    const at = this.place.get(image)!;
    if (at >= this.data.mapped) return null;
    return (musc ? this.before : this.final).subarray(at * this.patches, (at + 1) * this.patches);
  }

  /** judge takes over the maps that answers make, in the colours of this page. */
  judge(maps: string[] | null, colours: Data["colours"] | null): void {
    this.judged.clear();
    if (!maps || !colours) return;
    const level = Uint8Array.from({ length: 256 }, (_, l) => levelOf(scoreOf(l, colours), this.data.colours));
    maps.forEach((m, i) => this.judged.set(i, bytes(m).map((l) => level[l])));
  }

  score(level: number): number { return scoreOf(level, this.data.colours); }
}

/** scoreOf is the score that a level stands for, levelOf the level of a score. */
function scoreOf(level: number, { min, median, limit, max }: Data["colours"]): number {
  if (level <= medianLevel) return min + ((median - min) * level) / medianLevel;
  if (level <= limitLevel) return median + ((limit - median) * (level - medianLevel)) / (limitLevel - medianLevel);
  return limit + ((max - limit) * (level - limitLevel)) / (255 - limitLevel);
}

function levelOf(score: number, { min, median, limit, max }: Data["colours"]): number {
  const part = (lo: number, hi: number) => (hi > lo ? Math.min(Math.max((score - lo) / (hi - lo), 0), 1) : 0);
  if (score <= median) return Math.round(medianLevel * part(min, median));
  if (score <= limit) return Math.round(medianLevel + (limitLevel - medianLevel) * part(median, limit));
  return Math.round(limitLevel + (255 - limitLevel) * part(limit, max));
}

/** patchSet reads a bit set of patches. */
export function patchSet(base64: string): number[] {
  const set = bytes(base64);
  const out: number[] = [];
  for (let p = 0; p < 8 * set.length; p++) if (set[p >> 3] & (1 << (p & 7))) out.push(p);
  return out;
}

/** cells lists the defective pixels of a mask. */
export function cells(m: Mask): number[] {
  const runs = bytes(m.runs), out: number[] = [];
  let at = 0, on = false, run = 0, shift = 0;
  for (const b of runs) {
    run += (b & 127) * 2 ** shift;
    shift += 7;
    if (b & 128) continue;
    if (on) for (let p = at; p < at + run; p++) out.push(p);
    [at, on, run, shift] = [at + run, !on, 0, 0];
  }
  return out;
}

export interface Vector {
  patch: number;
  distances: number[]; // at ranks
  nearest: number[];
  matches: (number | null)[]; // patches of the nearest images; none if unknown
  burnout: number; // rank it burns out after; 0: it does not
  growth: number; // of the distance there, by a factor
  usual: number; // that of a normal patch
  logP: number; // ln of the p-value of burnout
  alpha: number; // of the patch and of its place in all images; 0: none
  position: number;
}

/** head is how many numbers of a record come before the distances. */
const head = 7;

/** Evidence reads the similarity vectors. */
export class Evidence {
  private view: DataView;
  private columns: number;
  private perImage: number;
  private record: number;
  private matches = new Map<string, (number | null)[]>();

  constructor(readonly v: Vectors, private grid: { height: number; width: number }) {
    const raw = bytes(v.data);
    this.view = new DataView(raw.buffer);
    this.columns = Math.ceil(grid.width / v.block);
    this.perImage = this.columns * Math.ceil(grid.height / v.block);
    this.record = 2 * (head + v.ranks.length + v.nearest);
    const found = new DataView(bytes(v.matches ?? "").buffer), size = 2 * (2 + v.nearest);
    for (let at = 0; at + size <= found.byteLength; at += size) {
      const patches = Array.from({ length: v.nearest }, (_, k) => found.getUint16(at + 4 + 2 * k, true));
      this.matches.set(`${found.getUint16(at, true)}/${found.getUint16(at + 2, true)}`, patches.map((p) => (p === 0xffff ? null : p)));
    }
  }

  /** at returns the vector kept for the block that holds the patch. */
  at(image: number, patch: number): Vector | null {
    const y = Math.floor(Math.floor(patch / this.grid.width) / this.v.block);
    const x = Math.floor((patch % this.grid.width) / this.v.block);
    const start = (image * this.perImage + y * this.columns + x) * this.record;
    const u16 = (k: number) => this.view.getUint16(start + 2 * k, true);
    if (u16(0) === 0xffff) return null;
    const { ranks, nearest, lowest, highest } = this.v;
    const distance = (q: number) => (q === 0 ? 0 : Math.exp(lowest + ((highest - lowest) * (q - 1)) / 65534));
    return {
      patch: u16(0),
      matches: this.matches.get(`${image}/${u16(0)}`) ?? [],
      burnout: u16(1),
      growth: Math.exp(u16(2) / 4096),
      usual: Math.exp(u16(3) / 4096),
      logP: -u16(4) / 64,
      alpha: u16(5) / 16,
      position: u16(6) / 16,
      distances: ranks.map((_, k) => distance(u16(head + k))),
      nearest: Array.from({ length: nearest }, (_, k) => u16(head + ranks.length + k)).filter((j) => j !== 0xffff),
    };
  }
}
