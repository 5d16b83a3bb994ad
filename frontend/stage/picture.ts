// A picture of the molecule that needs no stylesheet: each shape carries the style it is drawn with.

/** What shapes inherit: written where it differs from what is around. */
const INHERITED = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "paint-order", "text-anchor", "font-family", "font-size", "font-weight",
]; // prettier-ignore
const OWN: Record<string, string> = { opacity: "1", "vector-effect": "none" };
const GEOMETRY = /^(d|c?[xy][12]?|r[xy]?|width|height|transform)$/;
/** Places to click and the keyboard's mark are no part of a picture. */
const ASIDE = ".lab-targets, .lab-cursor, title";
const SPACE = "http://www.w3.org/2000/svg";

export interface Picture {
  text: string;
  width: number;
  height: number;
}

/** The drawing as SVG of this width, in pixels, with what it shows said beneath. */
export function pictureOf(svg: SVGSVGElement, caption: string, width: number): Picture {
  const [x, y, w, h] = svg.getAttribute("viewBox")!.split(" ").map(Number) as [number, number, number, number];
  const letter = Math.min(w / 36, h / 14);
  const tall = h + 2 * letter;
  const height = Math.round((width * tall) / w);
  const out = make("svg", { xmlns: SPACE, viewBox: [x, y, w, tall].join(" "), width, height });
  const root = getComputedStyle(svg.closest(".lab-root")!);
  const style = getComputedStyle(svg);
  for (const name of INHERITED) out.setAttribute(name, style.getPropertyValue(name));
  out.append(
    make("title", {}, caption),
    // A little beyond the edges, which need not lie between two pixels.
    make("rect", { x: x - 1, y: y - 1, width: w + 2, height: tall + 2, fill: root.backgroundColor, stroke: "none" }),
  );
  for (const child of svg.children) draw(child, style, out);
  const at = { x: x + w / 2, y: y + h + letter, "font-size": letter, "text-anchor": "middle", fill: root.color };
  out.append(make("text", { ...at, stroke: "none" }, caption));
  return { text: new XMLSerializer().serializeToString(out), width, height };
}

function make(name: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const element = document.createElementNS(SPACE, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) {
    if (key !== "xmlns") element.setAttribute(key, String(value));
  }
  element.textContent = text;
  return element;
}

function draw(from: Element, around: CSSStyleDeclaration, into: Element): void {
  if (from.matches(ASIDE)) return;
  const style = getComputedStyle(from);
  const copy = make(from.localName, {}, from.childElementCount ? "" : (from.textContent ?? ""));
  for (const { name, value } of from.attributes) if (GEOMETRY.test(name)) copy.setAttribute(name, value);
  for (const name of INHERITED) {
    const value = style.getPropertyValue(name);
    if (value && value !== around.getPropertyValue(name)) copy.setAttribute(name, value);
  }
  for (const [name, usual] of Object.entries(OWN)) {
    const value = style.getPropertyValue(name);
    if (value && value !== usual) copy.setAttribute(name, value);
  }
  for (const child of from.children) draw(child, style, copy);
  into.append(copy);
}

/** The picture painted on a canvas. */
export async function painted({ text, width, height }: Picture): Promise<HTMLCanvasElement> {
  const image = new Image(width, height);
  image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d", { willReadFrequently: true })!.drawImage(image, 0, 0, width, height);
  return canvas;
}

export async function asPng(picture: Picture): Promise<Blob> {
  const canvas = await painted(picture);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("the browser gave no picture");
  return blob;
}
