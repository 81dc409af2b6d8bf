// Anomaly maps in the colours of the overlays (report/render.go).

import { limitLevel, medianLevel } from "./data";

interface Grid { height: number; width: number }

export type Palette = "warm" | "cool";

/** Tone says how levels become colours: from the batch's median to the limit, or for each image to its own highest. */
export interface Tone { own: boolean; palette: Palette }

const opacity = 0.7;

const warm = (i: number): [number, number, number] => i < 128
  ? [255, Math.floor((230 * (127 - i)) / 127), Math.floor((40 * i) / 127)]
  : [255 - Math.floor((55 * (i - 128)) / 127), 0, 40 + Math.floor((60 * (i - 128)) / 127)];

/** cool stands out from parts that are red or yellow. */
const cool = (i: number): [number, number, number] => i < 128
  ? [0, 230 - Math.floor((110 * i) / 127), 255]
  : [Math.floor((70 * (i - 128)) / 127), Math.floor((120 * (255 - i)) / 127), 255 - Math.floor((75 * (i - 128)) / 127)];

const tables: Record<Palette, [number, number, number][]> = {
  warm: Array.from({ length: 256 }, (_, i) => warm(i)),
  cool: Array.from({ length: 256 }, (_, i) => cool(i)),
};

/** top is the level that has the full colour. */
function top(levels: Uint8Array, tone: Tone): number {
  if (!tone.own) return limitLevel;
  let most = medianLevel + 1;
  for (const v of levels) if (v > most) most = v;
  return most;
}

/**
 * paint draws the levels of a patch grid, bilinear with the centres of the
 * corner patches in the corners, on a canvas of at most side pixels. Levels
 * up to the median are transparent.
 */
export function paint(canvas: HTMLCanvasElement, levels: Uint8Array, grid: Grid, tone: Tone, aspect: number, side: number): void {
  const { height: gridH, width: gridW } = grid;
  const w = Math.max(1, Math.round(aspect >= 1 ? side : side * aspect));
  const h = Math.max(1, Math.round(aspect >= 1 ? side / aspect : side));
  const full = top(levels, tone) - medianLevel, colours = tables[tone.palette];
  canvas.width = w;
  canvas.height = h;
  const ctx = canvas.getContext("2d")!;
  const out = ctx.createImageData(w, h);
  for (let y = 0; y < h; y++) {
    const v = h > 1 ? (y * (gridH - 1)) / (h - 1) : 0;
    const y0 = Math.floor(v), y1 = Math.min(y0 + 1, gridH - 1), fy = v - y0;
    for (let x = 0; x < w; x++) {
      const u = w > 1 ? (x * (gridW - 1)) / (w - 1) : 0;
      const x0 = Math.floor(u), x1 = Math.min(x0 + 1, gridW - 1), fx = u - x0;
      const above = levels[y0 * gridW + x0] * (1 - fx) + levels[y0 * gridW + x1] * fx;
      const below = levels[y1 * gridW + x0] * (1 - fx) + levels[y1 * gridW + x1] * fx;
      const t = Math.min(255, Math.max(0, Math.round(((above * (1 - fy) + below * fy - medianLevel) * 255) / full)));
      const [r, g, b] = colours[t];
      const k = 4 * (y * w + x);
      out.data[k] = r;
      out.data[k + 1] = g;
      out.data[k + 2] = b;
      out.data[k + 3] = Math.round((opacity * t * t) / 255);
    }
  }
  ctx.putImageData(out, 0, 0);
}

/** legend is the colour scale, for CSS. */
export function legend(palette: Palette): string {
  const stops = [0, 64, 128, 192, 255].map((t) => {
    const [r, g, b] = tables[palette][t];
    return `rgb(${r} ${g} ${b} / ${(opacity * t * t) / (255 * 255)})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
