// What a person says of images and families, and the file that carries it.

import { Data, Family, Photo } from "./data";

export type ForImage = "good" | "bad" | "reference";
export type ForFamily = "defect" | "harmless" | "none";

/** Said is the file of answers: docs/answers.md. */
export interface Said {
  schema: "codegraph-answers/1";
  version: string;
  images: { name: string; answer: ForImage }[];
  families: { id: string; answer: ForFamily; members: string[] }[];
  limit?: number; // to fail
  roi?: Roi; // what is compared of each photograph
}

/** Roi is a part of each photograph, as package imageset has it: shares of width and height, or a bitmap in runs of outside and inside. */
export interface Roi {
  polygons?: [number, number][][];
  mask?: { width: number; height: number; runs: number[] };
}

/** Step is one thing that was said; an empty answer takes one back. */
export interface Step {
  time: string;
  image?: { name: string; answer: ForImage | "" };
  images?: { name: string; answer: ForImage | "" }[]; // of which the same is said
  family?: { id: string; answer: ForFamily | ""; members: string[] };
  limit?: { score: number | null };
  region?: { roi: Roi | null };
}

/** Judged is what the app makes of answers: the images in the order of the page. */
export interface Judged {
  steps: Step[];
  images: Pick<Photo, "score" | "rank" | "verdict" | "p" | "q" | "severity">[];
  families: { id: string; status: Family["status"]; removed: number }[];
  limits: { median: number | null; pass: number | null; fail: number | null };
  notes: string[];
  colours: Data["colours"] | null; // that maps stand for
  maps: string[] | null; // levels of each image; null: those of the page
  pending: boolean; // families or a region wait for a scan
  failed: string; // why answers could not be judged: all else is as before them
  verdict_note: string;
}

const words: Record<string, string> = { good: "good", bad: "bad", reference: "reference", defect: "a defect", harmless: "harmless", none: "not a group", "": "no answer" };
export const said = (s: Step): string => (s.limit ? `limit to fail: ${s.limit.score === null ? "the scan’s" : s.limit.score.toFixed(4)}` : s.region ? `compared: ${s.region.roi ? "a part of each photograph" : "all of each photograph"}` : s.image ? `${s.image.name}: ${words[s.image.answer]}` : s.images ? `${s.images.length} images: ${words[s.images[0].answer]}` : `${s.family!.id}: ${words[s.family!.answer]}`);

const key = (members: string[]): string => [...members].sort().join("\n");

/** Answers are the steps of this page. In the app a host judges them; alone, they wait for a scan. */
export class Answers {
  steps: Step[];
  /** saved is how many steps the file has that was handed out. */
  saved: number;
  private images = new Map<string, ForImage>();
  private families = new Map<string, Said["families"][0]>();
  /** limit is the limit to fail that was set; roi what is compared of each photograph. */
  limit: number | null = null;
  roi: Roi | null = null;
  private listeners: (() => void)[] = [];
  /** host takes steps in the app. */
  host: ((step: Step | null) => void) | null = null;
  /** again has the host judge once more what it could not. */
  again: () => void = () => {};

  constructor(private version: string, start: Said | null, private store: string) {
    this.steps = start ? [...start.images.map((image) => ({ time: "", image })), ...start.families.map((family) => ({ time: "", family })),
      ...(start.limit ? [{ time: "", limit: { score: start.limit } }] : []), ...(start.roi ? [{ time: "", region: { roi: start.roi } }] : [])] : [];
    this.saved = this.steps.length;
    try {
      const kept = localStorage.getItem(store);
      if (kept) this.steps = JSON.parse(kept) as Step[];
    } catch { /* a page may have no storage: answers last as long as it is open */ }
    this.fold();
  }

  onChange(f: () => void): void { this.listeners.push(f); }

  of(im: Photo): ForImage | "" { return this.images.get(im.name) ?? ""; }
  about(members: string[]): ForFamily | "" { return this.families.get(key(members))?.answer ?? ""; }
  count(): number { return this.images.size + this.families.size + (this.limit === null ? 0 : 1) + (this.roi ? 1 : 0); }
  unsaved(): boolean { return !this.host && this.steps.length !== this.saved; }

  sayImage(im: Photo, answer: ForImage | ""): void { this.say({ time: new Date().toISOString(), image: { name: im.name, answer } }); }
  /** sayImages says the same of several images, in one step. */
  sayImages(all: Photo[], answer: ForImage | ""): void { this.say({ time: new Date().toISOString(), images: all.map(({ name }) => ({ name, answer })) }); }
  sayFamily(id: string, members: string[], answer: ForFamily | ""): void { this.say({ time: new Date().toISOString(), family: { id, members, answer } }); }

  sayLimit(score: number | null): void { this.say({ time: new Date().toISOString(), limit: { score } }); }
  sayRegion(roi: Roi | null): void { this.say({ time: new Date().toISOString(), region: { roi } }); }

  private say(step: Step): void {
    this.steps.push(step);
    this.changed();
    this.host?.(step);
  }

  undo(): void {
    if (!this.steps.pop()) return;
    this.changed();
    this.host?.(null);
  }

  /** take puts the host's steps in the place of the page's. */
  take(steps: Step[]): void {
    this.steps = steps;
    this.changed();
  }

  private changed(): void {
    if (!this.host) {
      try { localStorage.setItem(this.store, JSON.stringify(this.steps)); } catch { /* as above */ }
    }
    this.fold();
    for (const f of this.listeners) f();
  }

  private fold(): void {
    this.images.clear();
    this.families.clear();
    this.limit = this.roi = null;
    for (const { image, images, family, limit, region } of this.steps) {
      if (limit) this.limit = limit.score;
      if (region) this.roi = region.roi;
      for (const { name, answer } of image ? [image] : images ?? []) answer ? this.images.set(name, answer) : this.images.delete(name);
      if (family) family.answer ? this.families.set(key(family.members), family as Said["families"][0]) : this.families.delete(key(family.members));
    }
  }

  file(): Said {
    const images = [...this.images].map(([name, answer]) => ({ name, answer })).sort((a, b) => (a.name < b.name ? -1 : 1));
    const families = [...this.families.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return { schema: "codegraph-answers/1", version: this.version, images, families, ...(this.limit === null ? {} : { limit: this.limit }), ...(this.roi ? { roi: this.roi } : {}) };
  }
}
