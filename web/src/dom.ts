// Elements are made by code only: names of files are data and never parsed as
// markup.

type Props = { [key: string]: string | number | boolean | undefined | ((e: any) => void) };
type Child = Node | string | null | undefined | false;

function fill(node: Element, props: Props, children: Child[]): void {
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== undefined) node.setAttribute(key, String(value));
  }
  for (const c of children) if (c) node.append(c);
}

/** el makes an HTML element; functions among props are event listeners. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  fill(node, props, children);
  return node;
}

/** svg makes an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): SVGElementTagNameMap[K] {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(node, props, children);
  return node;
}

/** select is a labelled list of choices. */
export function select(label: string, choices: [string, string][], change: (value: string) => void): HTMLLabelElement {
  const box = el("select", { change: () => change(box.value) }, ...choices.map(([v, text]) => el("option", { value: v }, text)));
  return el("label", { class: "field" }, el("span", {}, label), box);
}

export function count(n: number, one: string, many = one + "s"): string {
  return `${n} ${n === 1 ? one : many}`;
}

export const number = (v: number, digits = 3): string => v.toFixed(digits);
export const percent = (v: number): string => `${(100 * v).toFixed(v < 0.1 ? 1 : 0)} %`;

/** shortened is a name whose end stays visible where there is little room. */
export const shortened = (name: string): HTMLElement => el("span", { class: "name", title: name }, el("bdi", { dir: "ltr" }, name));

/** link leads to a file beside the page, and nowhere else. */
export function link(href: string | null, text: string): HTMLAnchorElement | null {
  if (!href || !/^\.\.?\//.test(href)) return null;
  return el("a", { href, target: "_blank", rel: "noopener" }, text);
}
