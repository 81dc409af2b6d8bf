// Anomaly maps in the colours of the overlays (report/render.go).

interface Grid { height: number; width: number }

const opacity = 0.75;

const colours: [number, number, number][] = Array.from({ length: 256 }, (_, i) =>
  i < 128
    ? [255, Math.floor((230 * (127 - i)) / 127), Math.floor((40 * i) / 127)]
    : [255 - Math.floor((55 * (i - 128)) / 127), 0, 40 + Math.floor((60 * (i - 128)) / 127)],
);

/**
 * paint draws the levels of a patch grid, bilinear with the centres of the
 * corner patches in the corners, on a canvas of at most side pixels. Levels
 * up to floor are transparent.
 */
export function paint(canvas: HTMLCanvasElement, levels: Uint8Array, grid: Grid, floor: number, aspect: number, side: number): void {
  const { height: gridH, width: gridW } = grid;
  const w = Math.max(1, Math.round(aspect >= 1 ? side : side * aspect));
  const h = Math.max(1, Math.round(aspect >= 1 ? side / aspect : side));
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
      const top = levels[y0 * gridW + x0] * (1 - fx) + levels[y0 * gridW + x1] * fx;
      const bottom = levels[y1 * gridW + x0] * (1 - fx) + levels[y1 * gridW + x1] * fx;
      const t = Math.max(0, Math.round(((top * (1 - fy) + bottom * fy - floor) * 255) / (255 - floor)));
      const [r, g, b] = colours[t];
      const k = 4 * (y * w + x);
      out.data[k] = r;
      out.data[k + 1] = g;
      out.data[k + 2] = b;
      out.data[k + 3] = Math.round(opacity * t);
    }
  }
  ctx.putImageData(out, 0, 0);
}

/** legend is the colour scale, for CSS. */
export function legend(): string {
  const stops = [0, 64, 128, 192, 255].map((t) => {
    const [r, g, b] = colours[t];
    return `rgb(${r} ${g} ${b} / ${(opacity * t) / 255})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
