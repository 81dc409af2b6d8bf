// The view in the address, so that a link leads to it.

import { tell } from "./host";

export type View = { [key: string]: string };

const listeners: ((v: View) => void)[] = [];
let view: View = read();

function read(): View {
  const hash = location.hash.slice(1);
  return hash.includes("=") ? Object.fromEntries(new URLSearchParams(hash)) : {};
}

/** current is the view that the address names. */
export const current = (): View => view;

/** onMove is called when a link leads to another view. */
export function onMove(f: (v: View) => void): void { listeners.push(f); }

/** remember puts a part of the view into the address; "" takes it out. */
export function remember(part: View): void {
  const next = { ...view, ...part };
  for (const k of Object.keys(next)) if (next[k] === "") delete next[k];
  if (JSON.stringify(next) === JSON.stringify(view)) return;
  view = next;
  const hash = new URLSearchParams(view).toString();
  try {
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  } catch { /* some browsers refuse for files */ }
  tell({ codegraph: "view", hash });
}

addEventListener("hashchange", () => {
  if (!location.hash.includes("=")) return;
  view = read();
  for (const f of listeners) f(view);
});
