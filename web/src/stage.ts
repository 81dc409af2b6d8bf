import { cells, Mask, Photo } from "./data";
import { el, svg } from "./dom";
import { paint } from "./heat";
import { Mode, State } from "./state";

/** Lens is how the stages that show one image are zoomed and moved. */
export class Lens {
  zoom = 1;
  x = 0; // of the image's middle from the stage's, in stage widths
  y = 0;
  private stages: Stage[] = [];

  add(s: Stage): void { this.stages.push(s); }

  reset(): void { this.set(1, 0, 0); }

  set(zoom: number, x: number, y: number): void {
    this.zoom = Math.min(Math.max(zoom, 1), 24);
    const most = this.zoom / 2;
    this.x = this.zoom === 1 ? 0 : Math.min(Math.max(x, -most), most);
    this.y = this.zoom === 1 ? 0 : Math.min(Math.max(y, -most), most);
    for (const s of this.stages) s.place();
  }

  /** by zooms about a point, given from the stage's middle. */
  by(factor: number, px = 0, py = 0): void {
    const next = Math.min(Math.max(this.zoom * factor, 1), 24);
    const f = next / this.zoom;
    this.set(next, px + (this.x - px) * f, py + (this.y - py) * f);
  }
}

/** Stage shows one image with its map and marks, large. */
export class Stage {
  readonly node: HTMLElement;
  private layer = el("div", { class: "layer" });
  private img = el("img", { alt: "", draggable: "false" });
  private canvas = el("canvas", { class: "heat" });
  private marks = svg("svg", { class: "marks", preserveAspectRatio: "none", "aria-hidden": "true" });
  private truth = svg("path", { class: "known" });
  private regions = svg("path", { class: "region" });
  private anomalous = svg("path", { class: "anomalous" });
  private linked = svg("path", { class: "linked" });
  private probe = svg("path", { class: "probe" });
  private pointers = new Map<number, PointerEvent>();
  private moved = 0;
  private aspect = 1;
  private image = -1;
  /** pick is called with the patch that was clicked. */
  pick: (patch: number) => void = () => {};
  /** draw takes the pointer instead, with its place as shares of width and height. */
  draw: ((e: MouseEvent, at: [number, number]) => void) | null = null;

  constructor(private state: State, private lens: Lens, readonly musc: boolean, title: string) {
    const { height, width } = state.data.grid;
    this.marks.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.marks.append(this.truth, this.regions, this.anomalous, this.linked, this.probe);
    this.layer.append(this.img, this.canvas, this.marks);
    this.node = el("div", { class: "stage" }, this.layer, title ? el("span", { class: "stage-title" }, title) : null);
    lens.add(this);
    this.listen();
    new ResizeObserver(() => this.place()).observe(this.node);
  }

  /** cover lays drawings on the image. */
  cover(...drawings: HTMLElement[]): void { this.layer.append(...drawings); }

  /** shown is the image, -1 for none. */
  shown(): number { return this.image; }

  show(image: number): void {
    const im = this.state.data.images[image];
    this.aspect = im.width / im.height;
    const src = im.large ?? im.small;
    this.img.hidden = !src;
    if (src) this.img.src = src;
    this.img.alt = im.name;
    this.image = image;
    this.paint();
    this.place();
  }

  /** paint draws the map again, when its colours are others. */
  paint(): void {
    if (this.image < 0) return;
    const levels = this.state.maps.of(this.image, this.musc);
    this.canvas.hidden = !levels;
    if (levels) paint(this.canvas, levels, this.state.data.grid, this.state.tone, this.aspect, 320);
  }

  look(mode: Mode, heat: number): void {
    this.node.dataset.mode = mode;
    this.node.style.setProperty("--heat", String(heat));
  }

  setTruth(m: Mask | null): void {
    const { height, width } = this.state.data.grid;
    this.truth.setAttribute("d", m ? outline(cells(m), m.width) : "");
    if (m) this.truth.setAttribute("transform", `scale(${width / m.width} ${height / m.height})`);
  }

  /** setRegions outlines the defect regions of an image. */
  setRegions(im: Photo, shown: boolean): void {
    const { height, width } = this.state.data.grid;
    this.regions.setAttribute("d", shown ? outlines(im) : "");
    this.regions.setAttribute("transform", `scale(${width / im.width} ${height / im.height})`);
  }

  /** at is where a patch is, from the stage's middle, in stage widths and heights. */
  at(patch: number): [number, number] {
    const { height, width } = this.state.data.grid, w = this.node.clientWidth, h = this.node.clientHeight;
    const shown = Math.min(w, h * this.aspect) * this.lens.zoom;
    const u = ((patch % width) + 0.5) / width - 0.5, v = (Math.floor(patch / width) + 0.5) / height - 0.5;
    return [this.lens.x + (u * shown) / (w || 1), this.lens.y + ((v * shown) / this.aspect) / (h || 1)];
  }

  setAnomalous(patches: number[]): void { this.anomalous.setAttribute("d", outline(patches, this.state.data.grid.width)); }
  setLinked(patches: number[]): void { this.linked.setAttribute("d", outline(patches, this.state.data.grid.width)); }
  setProbe(patch: number | null): void { this.probe.setAttribute("d", patch === null ? "" : outline([patch], this.state.data.grid.width)); }

  /** place fits the image into the stage and applies the lens. */
  place(): void {
    const w = this.node.clientWidth, h = this.node.clientHeight;
    if (!w || !h) return;
    const width = Math.min(w, h * this.aspect);
    this.layer.style.width = `${width}px`;
    this.layer.style.height = `${width / this.aspect}px`;
    this.layer.style.transform = `translate(-50%, -50%) translate(${this.lens.x * w}px, ${this.lens.y * h}px) scale(${this.lens.zoom})`;
  }

  private listen(): void {
    const n = this.node;
    n.addEventListener("wheel", (e) => {
      e.preventDefault();
      const [x, y] = this.offset(e);
      this.lens.by(Math.exp(-e.deltaY / 400), x, y);
    }, { passive: false });
    n.addEventListener("pointerdown", (e) => {
      n.setPointerCapture(e.pointerId);
      if (this.drawn(e)) return;
      if (!this.pointers.size) this.moved = 0;
      this.pointers.set(e.pointerId, e);
    });
    n.addEventListener("pointermove", (e) => this.drawn(e) || this.move(e));
    n.addEventListener("pointercancel", (e) => this.pointers.delete(e.pointerId));
    n.addEventListener("pointerup", (e) => {
      if (this.drawn(e)) return;
      if (this.pointers.delete(e.pointerId) && this.moved < 5 && !this.pointers.size) this.click(e);
    });
    n.addEventListener("dblclick", (e) => {
      if (this.drawn(e)) return;
      const [x, y] = this.offset(e);
      this.lens.zoom > 1.01 ? this.lens.reset() : this.lens.by(3, x, y);
    });
  }

  /** drawn hands the pointer to whoever draws. */
  private drawn(e: MouseEvent): boolean {
    if (!this.draw) return false;
    const r = this.layer.getBoundingClientRect(), share = (v: number) => Math.min(Math.max(v, 0), 1);
    this.draw(e, [share((e.clientX - r.left) / r.width), share((e.clientY - r.top) / r.height)]);
    return true;
  }

  private offset(e: MouseEvent): [number, number] {
    const r = this.node.getBoundingClientRect();
    return [(e.clientX - r.left) / r.width - 0.5, (e.clientY - r.top) / r.height - 0.5];
  }

  private move(e: PointerEvent): void {
    const last = this.pointers.get(e.pointerId);
    if (!last) return;
    const dx = e.clientX - last.clientX, dy = e.clientY - last.clientY;
    this.moved += Math.abs(dx) + Math.abs(dy);
    if (this.pointers.size === 2) {
      const [other] = [...this.pointers.values()].filter((p) => p.pointerId !== e.pointerId);
      const far = (p: PointerEvent) => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY);
      const [x, y] = this.offset(e), [u, v] = this.offset(other);
      this.lens.by(far(e) / (far(last) || 1), (x + u) / 2, (y + v) / 2);
    } else if (this.moved >= 5) {
      this.lens.set(this.lens.zoom, this.lens.x + dx / this.node.clientWidth, this.lens.y + dy / this.node.clientHeight);
    }
    this.pointers.set(e.pointerId, e);
  }

  private click(e: PointerEvent): void {
    const r = this.layer.getBoundingClientRect();
    const { height, width } = this.state.data.grid;
    const x = Math.floor(((e.clientX - r.left) / r.width) * width), y = Math.floor(((e.clientY - r.top) / r.height) * height);
    if (x >= 0 && y >= 0 && x < width && y < height) this.pick(y * width + x);
  }
}

/** outlines draws around the defect regions of an image, in its pixels. */
export function outlines(im: Photo): string {
  return im.regions.flatMap((r) => r.outlines.map((o) => `M${o[0]} ${o[1]}L${o.slice(2).join(" ")}Z`)).join("");
}

/** regionMarks outlines them on a small picture; null if there are none. */
export function regionMarks(im: Photo): SVGSVGElement | null {
  return im.regions.length ? svg("svg", { class: "marks regions", viewBox: `0 0 ${im.width} ${im.height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { class: "region", d: outlines(im) })) : null;
}

/** truthMarks outlines the known defects of an image; null if there are none. */
export function truthMarks(m: Mask | null): SVGSVGElement | null {
  return m && svg("svg", { class: "marks truth", viewBox: `0 0 ${m.width} ${m.height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { class: "known", d: outline(cells(m), m.width) }));
}

/** outline draws around patches: the edges that only one of two has. */
export function outline(patches: number[], width: number): string {
  const set = new Set(patches);
  let d = "";
  for (const p of patches) {
    const x = p % width, y = Math.floor(p / width);
    if (!set.has(p - width)) d += `M${x} ${y}h1`;
    if (!set.has(p + width)) d += `M${x} ${y + 1}h1`;
    if (x === 0 || !set.has(p - 1)) d += `M${x} ${y}v1`;
    if (x === width - 1 || !set.has(p + 1)) d += `M${x + 1} ${y}v1`;
  }
  return d;
}
