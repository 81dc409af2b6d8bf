/*! This page includes Cytoscape.js 3.34.4.

Copyright (c) 2016-2026, The Cytoscape Consortium.

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
*/
import cytoscape, { Core, ElementDefinition } from "cytoscape";
import { bytes, Edge, Graph } from "./data";
import { count, el, number, select } from "./dom";
import { Lens, Stage } from "./stage";
import { State } from "./state";

// Close to Okabe and Ito's colours, which colour-blind people can tell apart,
// and visible on light and dark ground.
const palette = ["#e0641b", "#2f86c9", "#109e75", "#cc79a7", "#d99a00", "#56b4e9", "#a39a22", "#9273c9"];
const grey = "#8a94a0";

/** graph shows which images share suspicious patches. */
export function graph(state: State): HTMLElement {
  const g = state.data.graph;
  if (!g || !g.edges.length) return el("p", { class: "panel hint" }, "There is no image graph: the batch is too small, or was scored by MuSc alone.");
  const box = el("div", { class: "network", id: "network", tabindex: 0, role: "img", "aria-label": "Graph of images; the tables beside and below hold the same" });
  const detail = el("div", { class: "detail", "aria-live": "polite" },
    el("p", { class: "hint" }, "Click an image to open it, a line to see the patches that two images share. Drag to move; once clicked into, the wheel zooms."));
  const shown = el("p", { class: "hint", role: "status" });
  const strongest = Math.max(...g.edges.map((e) => e.weight));
  const start = firstCut(g);
  let net: Network | null = null;
  let colour = "family";
  const cut = el("input", { type: "range", min: 1, max: strongest, step: 1, value: start, "aria-label": "Least weight of the lines shown", input: () => refresh() });
  const refresh = () => {
    const least = Number(cut.value);
    const n = g.edges.filter((e) => e.weight >= least).length;
    shown.textContent = `${n} of ${count(g.total, "line")}: weight ${least} and more`;
    net?.cut(least);
  };
  new IntersectionObserver((entries, self) => {
    if (!entries.some((e) => e.isIntersecting)) return;
    self.disconnect();
    net = new Network(state, g, box, start, (e) => detail.replaceChildren(edge(state, e)));
    net.colour(colour);
  }, { rootMargin: "300px" }).observe(box);
  refresh();
  return el("div", { class: "panel graph" },
    el("div", { class: "controls", role: "group", "aria-label": "Graph" },
      el("label", { class: "field" }, el("span", {}, "Weight from"), cut),
      select("Colour", [["family", "families"], ["community", "communities"]], (v) => { colour = v; net?.colour(v); }),
      ...[["−", "Zoom out", 1 / 1.4], ["+", "Zoom in", 1.4], ["Fit", "Fit", 0]].map(([text, label, f]) =>
        el("button", { type: "button", class: "quiet", "aria-label": label as string, click: () => net?.zoom(f as number) }, text as string)), shown),
    el("div", { class: "graph-body" }, box, el("div", { class: "graph-side", tabindex: 0, role: "region", "aria-label": "About the graph" }, detail, rule(state, g))),
    table(state, g, (e) => detail.replaceChildren(edge(state, e))));
}

/** firstCut leaves about three lines for each image. */
function firstCut(g: Graph): number {
  if (g.edges.length <= 6 * g.nodes.length) return 1;
  const weights = g.edges.map((e) => e.weight).sort((a, b) => b - a);
  return Math.max(1, Math.ceil(weights[Math.min(weights.length - 1, 3 * g.nodes.length)]));
}

class Network {
  private cy: Core;
  private community = new Map<number, number>();

  constructor(private state: State, g: Graph, box: HTMLElement, least: number, pick: (e: Edge) => void) {
    g.communities.forEach((c, k) => c.images.forEach((i) => this.community.set(i, k)));
    this.cy = cytoscape({ container: box, elements: elements(state, g), style: style(g), minZoom: 0.1, maxZoom: 6, userZoomingEnabled: false, boxSelectionEnabled: false });
    this.cut(least);
    // Without chance: the layout starts from a circle, families side by side.
    this.cy.layout({ name: "circle", sort: (a, b) => a.data("place") - b.data("place") }).run();
    // A few steps a frame, so that the page stays smooth; shown when done, so
    // that nothing moves about.
    const layout = this.cy.elements(":visible").layout({ name: "cose", randomize: false, animate: true, refresh: 4, animationThreshold: Infinity, nodeRepulsion: () => 9000, idealEdgeLength: (e) => 24 + 40 * (1 - e.data("share")),
      edgeElasticity: (e) => 30 + 70 * (1 - e.data("share")), gravity: 3, numIter: 1000, nodeOverlap: 20, componentSpacing: 30, padding: 20 } as cytoscape.CoseLayoutOptions);
    layout.one("layoutstop", () => { this.grow(); box.dataset.laid = ""; });
    layout.run();
    this.cy.on("tap", "node", (e) => state.open(Number(e.target.id())));
    this.cy.on("tap", "edge", (e) => {
      this.cy.elements().unselect();
      e.target.select();
      pick(g.edges[e.target.data("index")]);
    });
    // The wheel belongs to the page until somebody clicks into the graph.
    box.addEventListener("pointerdown", () => box.focus({ preventScroll: true }));
    box.addEventListener("focus", () => this.cy.userZoomingEnabled(true));
    box.addEventListener("blur", () => this.cy.userZoomingEnabled(false));
    this.cy.on("mouseover", "node, edge", () => (box.style.cursor = "pointer"));
    this.cy.on("mouseout", "node, edge", () => (box.style.cursor = ""));
  }

  /** grow makes the images as large as the layout leaves room for. */
  private grow(): void {
    const at = this.cy.nodes().map((n) => n.position());
    const gaps = at.map((p, k) => Math.min(...at.map((q, j) => (j === k ? Infinity : Math.max(Math.abs(p.x - q.x), Math.abs(p.y - q.y)))))).sort((a, b) => a - b);
    const size = Math.max(30, 0.72 * gaps[Math.floor(0.3 * gaps.length)]);
    this.cy.nodes().style({ width: size, height: size, "border-width": size / 12, "font-size": size / 4.2 });
    this.cy.fit(undefined, 20);
  }

  cut(least: number): void {
    this.cy.batch(() => this.cy.edges().forEach((e) => { e.style("display", e.data("weight") >= least ? "element" : "none"); }));
  }

  colour(by: string): void {
    const of = (i: number) => (by === "family" ? this.state.data.images[i].family : (this.community.get(i) ?? -1));
    this.cy.batch(() => {
      this.cy.nodes().forEach((n) => { n.data("colour", shade(of(Number(n.id())))); });
      this.cy.edges().forEach((e) => {
        const a = of(Number(e.data("source"))), b = of(Number(e.data("target")));
        e.data("colour", a === b ? shade(a) : grey);
      });
    });
  }

  /** zoom by a factor, or fit for 0. */
  zoom(by: number): void {
    if (by) this.cy.zoom({ level: this.cy.zoom() * by, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
    else this.cy.fit(undefined, 24);
  }
}

const shade = (k: number) => (k < 0 ? grey : palette[k % palette.length]);

function elements(state: State, g: Graph): ElementDefinition[] {
  const { images, families } = state.data;
  const strongest = Math.max(...g.edges.map((e) => e.weight));
  const place = [...g.nodes].sort((a, b) => families.length + images[a].family - (families.length + images[b].family) || images[a].rank - images[b].rank);
  const nodes = g.nodes.map((i) => ({ data: {
    id: String(i), place: place.indexOf(i), colour: grey, image: short(images[i].small),
    label: `#${images[i].rank}${images[i].family >= 0 ? " " + families[images[i].family].id : ""}` } }));
  const edges = g.edges.map((e, k) => ({ data: {
    id: `e${k}`, index: k, source: String(e.i), target: String(e.j), weight: e.weight, share: e.weight / strongest, colour: grey } }));
  return [...nodes, ...edges];
}

/** short is a short address of an image: Cytoscape.js hashes addresses over and over. */
function short(address: string | null): string | undefined {
  const inside = /^data:(image\/jpeg);base64,(.*)$/.exec(address ?? "");
  return inside ? URL.createObjectURL(new Blob([bytes(inside[2])], { type: inside[1] })) : (address ?? undefined);
}

function style(g: Graph): cytoscape.StylesheetJson {
  const size = g.nodes.length > 120 ? 44 : 60;
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim() || "#16191d";
  return [
    { selector: "node", style: { shape: "round-rectangle", width: size, height: size, "background-color": grey, "border-width": 4, "border-color": "data(colour)", label: "data(label)", "font-size": 15, color: ink, "text-valign": "bottom", "text-margin-y": 3 } },
    { selector: "node[image]", style: { "background-image": "data(image)", "background-fit": "cover", "background-image-crossorigin": "null" as never } },
    { selector: "edge", style: { width: "mapData(share, 0, 1, 1, 9)", opacity: 0.6, "line-color": "data(colour)", "curve-style": "haystack" } },
    { selector: "edge:selected", style: { opacity: 1, "line-color": ink } },
  ];
}

/** edge shows two images and the patches through which they are linked. */
function edge(state: State, e: Edge): HTMLElement {
  const side = (i: number, patches: number[]) => {
    const im = state.data.images[i];
    const s = new Stage(state, new Lens(), false, "");
    s.show(i);
    s.look("image", 0);
    s.setLinked(patches);
    s.pick = (p) => state.open(i, p);
    return el("figure", {}, s.node, el("figcaption", {},
      el("button", { type: "button", class: "quiet", click: () => state.open(i, patches[0]) }, im.name),
      el("small", {}, ` #${im.rank} · score ${number(im.score)} · ${count(patches.length, "patch", "patches")} outlined`)));
  };
  return el("div", { class: "edge" }, el("h3", {}, count(e.weight, "suspicious link")),
    el("p", { class: "hint" }, "The outlined patches find the other image among their few look-alikes, before their distances grow."),
    side(e.i, e.from), side(e.j, e.to));
}

/** rule shows how the groups fare by the density rule. */
function rule(state: State, g: Graph): HTMLElement {
  const groups = [
    ...state.data.families.filter((f) => f.limit !== null).map((f) => ({ name: `${f.id} (${f.status})`, colour: shade(state.data.families.indexOf(f)), n: f.members.length, density: f.density, limit: f.limit! })),
    ...g.communities.map((c, k) => ({ name: `community ${k + 1}`, colour: shade(k), n: c.images.length, density: c.density, limit: c.limit })),
  ].slice(0, 16);
  const most = Math.max(...groups.map((r) => Math.max(r.density, r.limit)), 1e-9);
  const share = (v: number) => `${((100 * v) / most).toFixed(1)}%`;
  return el("div", { class: "rule" }, el("h3", {}, "Density rule"),
    el("p", { class: "hint" }, `A group stands out if its mean number of links exceeds Q3 + k·max(IQR, 1) of all other pairs (the tick), k = ${g.outlierK}. Communities at resolution γ = ${number(g.gamma, 1)}.`),
    el("ul", {}, ...groups.map((r) => el("li", {},
      el("span", {}, r.name, el("small", {}, ` ${count(r.n, "image")}`)),
      el("span", { class: "bar", role: "img", "aria-label": `density ${number(r.density, 1)}, limit ${number(r.limit, 1)}` },
        el("span", { class: "fill", style: `width: ${share(r.density)}; background: ${r.colour}` }), el("span", { class: "limit", style: `left: ${share(r.limit)}` })),
      el("small", {}, `${number(r.density, 1)} ${r.density > r.limit ? "above" : "not above"} ${number(r.limit, 1)}`)))));
}

/** table holds the strongest lines for those who do not see the picture. */
function table(state: State, g: Graph, pick: (e: Edge) => void): HTMLElement {
  const images = state.data.images;
  return el("details", {}, el("summary", {}, "The strongest links, as a table"),
    el("table", {}, el("thead", {}, el("tr", {}, ...["Image", "Image", "Links", "Patches"].map((t) => el("th", { scope: "col" }, t)))),
      el("tbody", {}, ...g.edges.slice(0, 40).map((e) => el("tr", {},
        el("td", {}, images[e.i].name), el("td", {}, images[e.j].name), el("td", {}, String(e.weight)),
        el("td", {}, el("button", { type: "button", class: "quiet", click: () => pick(e) }, "Show")))))));
}
