// The page's colours, read from the stylesheet, as 3Dmol takes them.
import { hex, parseHex, readPalette, type Rgb } from "../shared/colour";
import type { Paint } from "./drawing";

/** Atomic numbers of the elements that the stylesheet has a colour for (`--lab-el-8`). */
const NUMBERS: Record<string, number> = {
  B: 5,
  N: 7,
  O: 8,
  F: 9,
  Na: 11,
  Si: 14,
  P: 15,
  S: 16,
  Cl: 17,
  Br: 35,
  I: 53,
};

export function readPaint(element: Element): Paint {
  const style = getComputedStyle(element);
  const read = (name: string) => hex(parseHex(style.getPropertyValue(name).trim()));
  const palette = readPalette(element);
  const [quiet, faint, accent, ink] = ["--lab-quiet", "--lab-hydrogen", "--lab-accent", "--lab-ink"].map(read) as [
    string,
    string,
    string,
    string,
  ];
  const background = hex(parseRgb(style.backgroundColor));
  const own = (symbol: string) => {
    if (symbol === "H") return faint;
    return symbol in NUMBERS ? read(`--lab-el-${NUMBERS[symbol]}`) : quiet;
  };
  return { palette, background, accent, ink, element: own, key: [palette.key, background, accent, quiet].join(";") };
}

/** `rgb(1, 2, 3)`, as a computed style gives it; white where it gives none. */
export function parseRgb(text: string): Rgb {
  const found = /^rgba?\((\d+)[, ]+(\d+)[, ]+(\d+)(?:[,/ ]+([\d.]+))?\)$/.exec(text);
  if (!found || found[4] === "0") return [255, 255, 255];
  return [Number(found[1]), Number(found[2]), Number(found[3])];
}
