import { current, onMove, remember, View } from "./address";
import { aboutImage, verdictWords } from "./answerbar";
import { patchSet } from "./data";
import { el, link, number } from "./dom";
import { modes, scale, severity, tones, verdictText } from "./gallery";
import { Region } from "./region";
import { Lens, Stage } from "./stage";
import { Mode, State } from "./state";
import { why } from "./why";

const all: Mode[] = ["image", "overlay", "map"];

/** Viewer shows one image, large, with what is known of it. */
export class Viewer {
  readonly node: HTMLDialogElement;
  private lens = new Lens();
  private final: Stage;
  private before: Stage;
  private ignored: Region;
  private title = el("h2", { id: "viewer-title" });
  private facts = el("div", { class: "facts" });
  private ask = el("div", { class: "ask" });
  private asked = -1;
  private figures = el("div", { class: "facts" });
  private reasons = el("div", { class: "reasons", "aria-live": "polite" });
  private place = el("span", { class: "place" });
  private stages: HTMLElement;
  private compare: HTMLInputElement;
  private kept: HTMLInputElement;
  private known: HTMLInputElement;
  private regions: HTMLInputElement;
  private opacity: HTMLInputElement;
  private choice: HTMLFieldSetElement;
  private mode: Mode = "overlay";
  private image = -1;
  private patch = 0;

  constructor(private state: State) {
    this.final = new Stage(state, this.lens, false, "CoDeGraph");
    this.before = new Stage(state, this.lens, true, "MuSc, before filtering");
    for (const s of [this.final, this.before]) s.pick = (p) => this.probe(p);
    this.ignored = new Region(state, this.final);
    this.stages = el("div", { class: "stages", tabindex: 0, role: "group", "aria-label": "Image; Shift and arrow keys move the marked patch" }, this.before.node, this.final.node);
    this.compare = el("input", { type: "checkbox", id: "compare", change: () => this.look() });
    this.kept = el("input", { type: "checkbox", checked: true, change: () => this.outline() });
    this.known = el("input", { type: "checkbox", checked: true, change: () => this.outline() });
    this.regions = el("input", { type: "checkbox", checked: true, change: () => this.outline() });
    this.opacity = el("input", { type: "range", min: 0, max: 100, value: 100, "aria-label": "Opacity of the map", input: () => this.look() });
    this.choice = modes("viewer-mode", (m) => { this.mode = m; this.look(); });
    this.node = el("dialog", { class: "viewer", "aria-labelledby": "viewer-title", keydown: (e: KeyboardEvent) => this.key(e) }, this.head(), this.body());
    state.open = (image, patch) => this.open(image, patch);
    state.onChange(() => this.node.open && this.describe());
    state.onPaint(() => { for (const s of [this.final, this.before]) s.paint(); });
    this.node.addEventListener("close", () => {
      remember({ image: "", place: "" });
      this.state.closed(this.image);
    });
    this.look();
  }

  /** start opens the image that the address names. */
  start(): void {
    const show = (v: View) => {
      const at = this.state.data.images.findIndex((im) => im.name === v.image);
      if (at >= 0 && (at !== this.image || !this.node.open)) this.open(at, v.place ? Number(v.place) : undefined);
    };
    onMove(show);
    show(current());
  }

  private head(): HTMLElement {
    const button = (text: string, label: string, click: () => void) => el("button", { type: "button", "aria-label": label, title: label, click }, text);
    return el("header", {}, this.title, this.place,
      el("div", { class: "buttons" },
        button("‹", "Previous image (left arrow)", () => this.step(-1)), button("›", "Next image (right arrow)", () => this.step(1)),
        button("✕", "Close (Escape)", () => this.node.close())));
  }

  private body(): HTMLElement {
    const zoom = (text: string, label: string, click: () => void) => el("button", { type: "button", class: "quiet", "aria-label": label, title: label, click }, text);
    return el("div", { class: "viewer-body" },
      el("div", { class: "left" },
        el("div", { class: "controls", role: "group", "aria-label": "View" }, this.choice,
          tones(this.state, "viewer"),
          el("label", { class: "field" }, el("span", {}, "Opacity"), this.opacity),
          el("label", { class: "check" }, this.regions, "Defect regions"),
          this.state.data.method !== "musc" && el("label", { class: "check" }, this.compare, "What changed"),
          el("label", { class: "check" }, this.kept, "Family patches"),
          this.state.hasMasks && el("label", { class: "check" }, this.known, "Known defects"),
          el("span", { class: "zoom" }, zoom("−", "Zoom out", () => this.zoom(1 / 1.5)), zoom("+", "Zoom in", () => this.zoom(1.5)), zoom("Fit", "Fit", () => this.lens.reset()))),
        this.stages,
        el("div", { class: "under" }, el("p", { class: "hint keys" }, keys(this.state.hasMasks)), scale(this.state))),
      el("div", { class: "right" }, this.facts, this.ask, this.ignored.node, this.reasons, el("details", { class: "specialists" }, el("summary", {}, "This image in figures"), this.figures)));
  }

  open(image: number, patch?: number): void {
    if (!this.node.open) this.node.showModal();
    if (image !== this.image) this.lens.reset();
    this.image = image;
    this.final.show(image);
    this.before.show(image);
    this.ignored.close();
    this.ignored.load();
    this.describe();
    this.outline();
    this.probe(patch ?? this.highest());
    this.node.querySelector(".right")!.scrollTop = 0;
    this.stages.focus({ preventScroll: true });
  }

  /** highest is the patch that scores most. */
  private highest(): number {
    const levels = this.state.maps.of(this.image, false);
    if (!levels) return 0;
    let best = 0;
    levels.forEach((v, p) => { if (v > levels[best]) best = p; });
    return best;
  }

  /** zoom keeps the marked place where it is. */
  private zoom(factor: number): void {
    const stage = this.before.node.hidden || this.final.node.clientWidth ? this.final : this.before;
    this.lens.by(factor, ...stage.at(this.patch));
  }

  private probe(patch: number): void {
    this.patch = patch;
    remember({ image: this.state.data.images[this.image].name, place: String(patch) });
    this.final.setProbe(patch);
    this.before.setProbe(patch);
    this.reasons.replaceChildren(why(this.state, this.image, patch));
  }

  private look(): void {
    this.before.node.hidden = !this.compare.checked;
    this.stages.classList.toggle("two", this.compare.checked);
    for (const s of [this.final, this.before]) s.look(this.mode, Number(this.opacity.value) / 100);
    this.final.place();
    this.before.place();
  }

  private outline(): void {
    const f = this.state.data.families[this.state.data.images[this.image].family];
    const member = f?.members.find((m) => m.image === this.image);
    const patches = member && this.kept.checked ? patchSet(member.patches) : [];
    const mask = this.known.checked ? this.state.data.images[this.image].mask : null;
    for (const s of [this.final, this.before]) {
      s.setAnomalous(patches);
      s.setRegions(this.state.data.images[this.image], this.regions.checked);
      s.setTruth(mask);
    }
  }

  private describe(): void {
    const { images, families } = this.state.data;
    const im = images[this.image];
    const family = families[im.family];
    const verdict = this.state.verdict(this.image), wrong = this.state.wrong(this.image), said = this.state.said(this.image);
    this.title.textContent = im.name;
    const at = this.state.order.indexOf(this.image);
    this.place.textContent = at < 0 ? "" : `${at + 1} of ${this.state.order.length}`;
    const row = (name: string, ...value: (Node | string | null)[]) => [el("dt", {}, name), el("dd", {}, ...value)];
    const change = im.musc > 0 ? im.score / im.musc - 1 : 0;
    // The choice of answers stays as it is while one is given: it has the focus.
    if (this.asked !== this.image) {
      this.asked = this.image;
      this.ask.replaceChildren(aboutImage(this.state, im));
    }
    this.facts.replaceChildren(
      el("p", { class: "headline" }, el("span", { class: `badge ${verdict}` }, verdictWords[verdict]), el("b", {}, severity(im)), im.severity === null ? " score" : " severity", el("small", {}, said ? " · as you said" : im.severity === null ? "" : " · 1 is the limit to fail")),
      el("dl", {},
        ...(family ? row("Group", el("a", { href: `#family-${family.id}`, click: () => this.node.close() }, `${family.id}, ${family.status}`)) : []),
        ...(im.defective === null ? [] : row("Known truth", (im.defective ? "defective" : "good") + (wrong ? (wrong === "missed" ? ": missed" : ": false alarm") : ""))),
        ...row("Beside this page", ...files([link(im.full, "photograph"), link(im.overlay, "overlay"), link(im.map, "map")]))),
      ...im.warnings.map((w) => el("p", { class: "warning" }, w)));
    this.figures.replaceChildren(
      el("dl", {},
        ...row("Score", `${number(im.score)}, rank ${im.rank} of ${images.length}`),
        ...row("MuSc score", `${number(im.musc)}${Math.abs(change) > 0.0005 ? ` (filtering changed it by ${change > 0 ? "+" : "−"}${(100 * Math.abs(change)).toFixed(1)} %)` : " (unchanged by filtering)"}`),
        ...(im.verdict === null ? [] : row("Verdict", verdictText(im))),
        ...row("Size", `${im.width} × ${im.height} pixels${im.turn ? `, compared turned by ${im.turn.toFixed(0)}°` : ""}`)));
  }

  private step(by: number): void {
    const order = this.state.order;
    if (!order.length) return;
    const at = order.indexOf(this.image);
    this.open(order[at < 0 ? 0 : (at + by + order.length) % order.length]);
  }

  private key(e: KeyboardEvent): void {
    const form = e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement;
    if (form || e.ctrlKey || e.metaKey || e.altKey) return;
    const { width, height } = this.state.data.grid;
    const walk = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[e.key];
    const acts: Record<string, () => void> = {
      ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1), k: () => this.step(-1), j: () => this.step(1),
      o: () => this.toggle(), m: () => this.setMode(this.mode === "map" ? "overlay" : "map"),
      r: () => this.regions.click(), c: () => this.compare.isConnected && this.compare.click(), t: () => this.known.isConnected && this.known.click(), "+": () => this.zoom(1.5), "-": () => this.zoom(1 / 1.5), "0": () => this.lens.reset(),
    };
    if (e.key === " " && e.target === this.stages) acts[" "] = acts.o;
    if (e.shiftKey && walk !== undefined) this.probe(Math.min(Math.max(this.patch + walk, 0), width * height - 1));
    else if (acts[e.key]) acts[e.key]();
    else return;
    e.preventDefault();
  }

  private toggle(): void { this.setMode(this.mode === "image" ? "overlay" : "image"); }

  private setMode(m: Mode): void {
    this.mode = m;
    this.choice.querySelectorAll("input").forEach((r, k) => (r.checked = all[k] === m));
    this.look();
  }
}

function files(links: (HTMLAnchorElement | null)[]): (Node | string)[] {
  const there = links.filter((l) => l !== null);
  return there.flatMap((l, k) => (k ? [" · ", l] : [l]));
}

function keys(masks: boolean): string {
  return `Click a place to see why it scores as it does. Keys: ← → image, O overlay, M map, R regions, C what changed, ${masks ? "T known defects, " : ""}+ − 0 zoom, Shift and arrows move the marked patch, Esc close.`;
}
