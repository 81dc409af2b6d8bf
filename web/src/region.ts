// Where a person draws what is not compared: on the picture, by rectangle, polygon
// or brush. It lies on every photograph alike.

import type { Roi } from "./answers";
import { el, percent, select } from "./dom";
import type { Stage } from "./stage";
import { State } from "./state";

type Tool = "rectangle" | "polygon" | "brush";
type Point = [number, number]; // shares of width and height

const side = 256; // of the bitmap, the longer one

/** Region is the drawing on one stage, with its tools. */
export class Region {
  readonly node: HTMLElement;
  private canvas = el("canvas", { class: "ignored", hidden: true });
  private draft = el("canvas", { class: "ignored", hidden: true });
  private tool: Tool = "rectangle";
  private erase = el("input", { type: "checkbox" });
  private told = el("p", { class: "hint", role: "status" });
  private tools: HTMLElement;
  private start: HTMLElement;
  private points: Point[] = [];
  private drawing = false;

  constructor(private state: State, private stage: Stage) {
    stage.cover(this.canvas, this.draft);
    const button = (id: string, text: string, click: () => void, kind = "") => el("button", { type: "button", id, class: kind, click }, text);
    this.tools = el("div", { class: "tools", hidden: true },
      el("div", { class: "controls" },
        select("Draw with", [["rectangle", "rectangle"], ["polygon", "polygon"], ["brush", "brush"]], (t) => { this.tool = t as Tool; this.drop(); }),
        el("label", { class: "check" }, this.erase, "Erase")),
      el("p", { class: "hint" }, "Drag on the picture; a polygon has a corner for each click and ends with a double click. Or give a rectangle in percent:"), this.numbers(),
      el("div", { class: "controls" }, button("region-apply", "Ignore this region", () => this.apply(), "primary"), button("region-clear", "Clear", () => this.clear()), button("region-cancel", "Cancel", () => this.close())));
    this.start = button("region-open", "Ignore a region…", () => this.open());
    this.node = el("section", { class: "ignore", "aria-label": "Region that is not compared" }, this.start, this.tools, this.told);
    state.answers.onChange(() => { if (!stage.draw) this.load(); });
  }

  /** numbers draws a rectangle without a pointer. */
  private numbers(): HTMLElement {
    const of = (name: string) => el("input", { type: "number", min: 0, max: 100, class: "percent", placeholder: name.split(",")[0], "aria-label": name });
    const fields = ["left", "top", "right", "bottom"].map((name) => of(`${name}, percent`));
    const add = () => {
      const [x0, y0, x1, y1] = fields.map((f) => Number(f.value) / 100);
      if (x1 > x0 && y1 > y0) this.fill(this.canvas, [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]);
      this.count();
    };
    return el("div", { class: "controls" }, ...fields, el("button", { type: "button", click: add }, "Add"));
  }

  /** load shows what was said, on an image of this shape. */
  load(): void {
    const im = this.state.data.images[this.stage.shown()];
    if (!im) return;
    const aspect = im.width / im.height;
    for (const c of [this.canvas, this.draft]) {
      c.width = Math.max(1, Math.round(aspect >= 1 ? side : side * aspect));
      c.height = Math.max(1, Math.round(aspect >= 1 ? side / aspect : side));
    }
    const { roi } = this.state.answers;
    if (roi) paint(this.canvas, roi);
    this.canvas.hidden = !roi;
    this.draft.hidden = true;
    this.count();
  }

  private open(): void {
    this.load();
    this.tools.hidden = this.canvas.hidden = this.draft.hidden = false;
    this.start.hidden = true;
    this.stage.draw = (e, p) => this.take(e, p);
    this.tools.querySelector("select")!.focus();
  }

  /** close leaves what was said as it is. */
  close(): void {
    if (!this.stage.draw) return;
    this.leave();
    this.drop();
    this.load();
  }

  private leave(): void {
    this.stage.draw = null;
    this.tools.hidden = true;
    this.start.hidden = false;
  }

  private apply(): void {
    const mask = bitmap(this.canvas);
    const ignored = mask.filter((v) => v).length;
    if (ignored === mask.length) {
      this.told.textContent = "All of the photograph is marked: leave something to compare.";
      return;
    }
    const { width, height } = this.canvas;
    this.leave();
    this.state.answers.sayRegion(ignored ? { mask: { width, height, runs: runs(mask) } } : null);
  }

  private clear(): void {
    this.canvas.getContext("2d")!.clearRect(0, 0, side, side);
    this.drop();
    this.count();
  }

  /** take follows the pointer: a drag is a rectangle or a stroke, clicks are corners. */
  private take(e: PointerEvent | MouseEvent, p: Point): void {
    if (e.type === "dblclick") {
      if (this.tool === "polygon" && this.points.length > 2) this.fill(this.canvas, this.points);
      return this.drop();
    }
    if (this.tool === "polygon") {
      if (e.type === "pointerup") this.points.push(p);
      return this.sketch([...this.points, p]);
    }
    if (e.type === "pointerdown") {
      this.drawing = true;
      this.points = [p];
    }
    if (!this.drawing) return;
    const [from] = this.points, last = this.points[this.points.length - 1];
    const box: Point[] = [from, [p[0], from[1]], p, [from[0], p[1]]];
    if (this.tool === "brush") {
      this.stroke(last, p);
      this.points.push(p);
    } else this.sketch(box);
    if (e.type === "pointerup") {
      if (this.tool === "rectangle") this.fill(this.canvas, box);
      this.drop();
    }
  }

  private sketch(points: Point[]): void {
    this.draft.getContext("2d")!.clearRect(0, 0, side, side);
    this.fill(this.draft, points);
  }

  /** drop forgets what is half drawn. */
  private drop(): void {
    this.points = [];
    this.drawing = false;
    this.draft.getContext("2d")!.clearRect(0, 0, side, side);
    this.count();
  }

  private fill(canvas: HTMLCanvasElement, points: Point[]): void {
    const c = canvas.getContext("2d")!;
    c.globalCompositeOperation = this.erase.checked && canvas === this.canvas ? "destination-out" : "source-over";
    polygon(c, points);
  }

  private stroke(a: Point, b: Point): void {
    const c = this.canvas.getContext("2d")!, { width, height } = this.canvas;
    c.globalCompositeOperation = this.erase.checked ? "destination-out" : "source-over";
    c.lineWidth = side / 16;
    c.lineCap = "round";
    c.beginPath();
    c.moveTo(a[0] * width, a[1] * height);
    c.lineTo(b[0] * width, b[1] * height);
    c.stroke();
  }

  private count(): void {
    const mask = bitmap(this.canvas), ignored = mask.filter((v) => v).length;
    this.told.textContent = ignored ? `${percent(ignored / mask.length)} of each photograph ${this.stage.draw ? "would be" : "is"} left out.` : this.stage.draw ? "Nothing is marked: all of each photograph is compared." : "";
  }
}

/** polygon fills corners. */
function polygon(c: CanvasRenderingContext2D, points: Point[]): void {
  c.beginPath();
  for (const [x, y] of points) c.lineTo(x * c.canvas.width, y * c.canvas.height);
  c.closePath();
  c.fill();
}

/** paint marks what a region leaves out. */
function paint(canvas: HTMLCanvasElement, roi: Roi): void {
  const c = canvas.getContext("2d")!;
  if (roi.polygons) {
    c.fillRect(0, 0, canvas.width, canvas.height);
    c.globalCompositeOperation = "destination-out";
    for (const p of roi.polygons) polygon(c, p);
    c.globalCompositeOperation = "source-over";
  }
  if (!roi.mask) return;
  const { width, height } = roi.mask, small = el("canvas");
  [small.width, small.height] = [width, height];
  const at = small.getContext("2d")!, pixels = at.createImageData(width, height);
  let p = 0;
  roi.mask.runs.forEach((n, k) => { for (const end = p + n; p < end; p++) pixels.data[4 * p + 3] = k % 2 ? 0 : 255; });
  at.putImageData(pixels, 0, 0);
  c.imageSmoothingEnabled = false;
  c.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** bitmap says of each pixel whether it is marked. */
function bitmap(canvas: HTMLCanvasElement): boolean[] {
  const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
  return Array.from({ length: data.length / 4 }, (_, k) => data[4 * k + 3] > 127);
}

/** runs are the lengths of what is left out and what is compared, in turn. */
function runs(mask: boolean[]): number[] {
  const out = [0];
  let now = true;
  for (const v of mask) {
    if (v !== now) {
      out.push(0);
      now = v;
    }
    out[out.length - 1]++;
  }
  return out;
}
