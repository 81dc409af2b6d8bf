// What the server says, as serve/openapi.json describes it.

export type Status = "queued" | "running" | "done" | "failed" | "cancelled" | "interrupted";
export interface Options { [key: string]: unknown }
export interface Verdicts { pass: number; unsure: number; fail: number }
export interface Run {
  id: string; input: string; parent: string; source: string; name: string; note: string; status: Status; error: string;
  options: Options; images: number; skipped: number; families: number; created: string; started: string | null; ended: string | null; verdicts: Verdicts | null;
}
export interface Progress { run: string; phase: string; done: number; total: number }
export interface Refused { name: string; reason: string }
export interface Accepted { run: Run; refused: Refused[] }
export interface ImageScore {
  name: string; score: number; musc_score: number; rank: number; family: string | null; verdict: string | null; severity: number | null; answer: string;
  thumbnail: string; image: string; map: string; overlay: string | null;
}
export interface Agreement { good: number; bad: number; auroc: number | null; ap: number | null }
export interface Scores { run: Run; images: ImageScore[]; skipped: Refused[]; notes: string[]; agreement: Agreement; pending: boolean }
export interface Place { score: number; rank: number; family: string | null; verdict: string | null }
export interface Moved { name: string; a: Place; b: Place; ranks: number; thumbnail: string }
export interface Comparison {
  a: Run; b: Run; images: Moved[]; only_a: string[]; only_b: string[]; correlation: number | null;
  families: { a: string | null; b: string | null; both: number; overlap: number }[];
}
export interface Drift {
  snapshot: string; parts: number; above: number; p_value: number; warning: string;
  tail: { index: number | null; parts: number; above: number; p_value: number };
  points: { run: string; name: string; created: string; images: number; failing: number; severity: number | null; tail: number | null; seconds: number }[];
}
/** Choice is an option that a run may be given, with its JSON schema. */
export interface Choice {
  name: string; constant: boolean; usage: string; default: string; fixed: boolean;
  schema: { type?: string; enum?: string[]; minimum?: number; maximum?: number; items?: { type?: string } };
}
export interface Server {
  options: Choice[];
  version: string; networks: string[]; snapshots: string[]; roots: string[]; watch: string;
  limits: { files: number; file_bytes: number; total_bytes: number; pixels: number };
}

/** Failure is an answer that is none; refused lists files of an upload. */
export class Failure extends Error {
  constructor(message: string, readonly status: number, readonly refused: Refused[] = []) { super(message); }
}

function failure(status: number, text: string): Failure {
  if (status === 401) location.assign("/login");
  try {
    const { error, refused } = JSON.parse(text);
    return new Failure(error, status, refused);
  } catch {
    return new Failure(status ? `the server answers with status ${status}` : "the server does not answer", status);
  }
}

/** call sends a request with JSON and returns the answer. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers: body === undefined ? {} : { "Content-Type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw failure(0, "");
  }
  const text = await answer.text();
  if (!answer.ok) throw failure(answer.status, text);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** upload sends a form and says how much of it is sent, from 0 to 1. */
export function upload(path: string, form: FormData, sent: (share: number) => void, signal: AbortSignal): Promise<Accepted> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.upload.addEventListener("progress", (e) => e.lengthComputable && sent(e.loaded / e.total));
    request.addEventListener("load", () => (request.status < 300 ? resolve(JSON.parse(request.responseText)) : reject(failure(request.status, request.responseText))));
    request.addEventListener("error", () => reject(failure(0, "")));
    request.addEventListener("abort", () => reject(new Failure("the upload was stopped", 0)));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

export const over = (s: Status): boolean => s !== "queued" && s !== "running";
export const title = (r: Run): string => r.name || `Run of ${when(r.created)}`;
export const when = (t: string): string => new Date(t).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

const phases: Record<string, string> = {
  tile: "scoring tiles", align: "finding how parts lie", embed: "embedding images", compare: "comparing pairs", graph: "building the graph", filter: "filtering families", write: "writing the report",
};
export const phase = (p: Progress): string => phases[p.phase] ?? p.phase;
