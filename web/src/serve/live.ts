// The history as it changes.

import { type Progress, type Run, type Status, call, over } from "./api";

const page = 50;

const stage = (s: Status): number => (s === "queued" ? 0 : over(s) ? 2 : 1);

/** Live holds the runs, the latest first, and tells views what changes. */
export class Live {
  runs: Run[] = [];
  older = false;
  progress: Progress | null = null;
  /** judged is called when answers about a run were judged, or could not be. */
  judged: (run: string) => void = () => {};
  private news: Map<string, Run> | null = null; // that came while the history was asked for
  private views: { node: Node; changed: () => void; ticked: () => void }[] = [];

  constructor(private lost: (yes: boolean) => void) {
    const events = new EventSource("/api/events");
    // What happened while the stream was down is in the history.
    events.addEventListener("open", () => { lost(false); void this.load(); });
    events.addEventListener("error", () => lost(true));
    events.addEventListener("run", (e) => this.put(JSON.parse(e.data)));
    events.addEventListener("judged", (e) => this.judged((JSON.parse(e.data) as { run: string }).run));
    events.addEventListener("progress", (e) => {
      this.progress = JSON.parse(e.data);
      this.tell((v) => v.ticked());
    });
    addEventListener("pagehide", () => events.close());
  }

  /** follow calls a view as long as its node is in the document. */
  follow(node: Node, changed: () => void, ticked: () => void): void {
    this.views = this.views.filter((v) => v.node.isConnected);
    this.views.push({ node, changed, ticked });
  }

  run(id: string): Run | undefined { return this.runs.find((r) => r.id === id); }

  /** put takes over a run. An answer may come after news of what has happened since: runs do not go back. */
  put(run: Run): void {
    const had = this.run(run.id);
    if (had && stage(had.status) > stage(run.status)) run = { ...had, name: run.name, note: run.note };
    this.news?.set(run.id, run);
    const at = this.runs.findIndex((r) => r.id === run.id);
    if (at >= 0) this.runs[at] = run;
    else {
      this.runs.push(run);
      this.runs.sort((a, b) => b.created.localeCompare(a.created) || b.id.localeCompare(a.id));
    }
    this.tell((v) => v.changed());
  }

  remove(id: string): void {
    this.runs = this.runs.filter((r) => r.id !== id);
    this.tell((v) => v.changed());
  }

  async load(): Promise<void> {
    const news = new Map<string, Run>();
    this.news = news;
    try {
      const { runs } = await call<{ runs: Run[] }>("GET", `/api/runs?limit=${page}`);
      this.older = runs.length === page;
      this.runs = runs;
      for (const r of news.values()) this.put(r);
      this.tell((v) => v.changed());
    } catch {
      this.lost(true);
    }
  }

  async more(): Promise<void> {
    const { runs } = await call<{ runs: Run[] }>("GET", `/api/runs?limit=${page}&before=${this.runs[this.runs.length - 1].id}`);
    this.older = runs.length === page;
    this.runs.push(...runs);
    this.tell((v) => v.changed());
  }

  private tell(how: (v: { changed: () => void; ticked: () => void }) => void): void {
    for (const v of this.views) if (v.node.isConnected) how(v);
  }
}
