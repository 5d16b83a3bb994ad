// Frames of one size as an animated GIF: one palette for all, and of each frame what has changed.

export interface Frame {
  pixels: Uint8ClampedArray;
  /** How long it stays, in ms. */
  ms: number;
}

const CELLS = 32 ** 3;
/** The palette's last colour stands for what is as it was. */
const SAME = 255;

export function encodeGif(width: number, height: number, frames: Frame[]): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  const word = (n: number) => out.push(n & 255, n >> 8);
  const text = (s: string) => out.push(...[...s].map((c) => c.charCodeAt(0)));
  const { colours, nearest } = palette(frames);
  text("GIF89a");
  word(width);
  word(height);
  out.push(0xf7, 0, 0, ...colours);
  text("!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"); // again and again
  let before: Uint8Array | null = null;
  for (const { pixels, ms } of frames) {
    const now: Uint8Array = nearest(pixels);
    const [x, y, w, h] = before ? changed(before, now, width, height) : [0, 0, width, height];
    const part = new Uint8Array(w * h);
    for (let k = 0; k < part.length; k++) {
      const at = (y + Math.floor(k / w)) * width + x + (k % w);
      part[k] = before && before[at] === now[at] ? SAME : now[at]!;
    }
    out.push(0x21, 0xf9, 4, 5);
    word(Math.round(ms / 10));
    out.push(SAME, 0, 0x2c);
    for (const n of [x, y, w, h]) word(n);
    out.push(0, 8);
    const packed = lzw(part);
    for (let k = 0; k < packed.length; k += 255) {
      const block = packed.slice(k, k + 255);
      out.push(block.length);
      for (const byte of block) out.push(byte);
    }
    out.push(0);
    before = now;
  }
  out.push(0x3b);
  return new Uint8Array(out);
}

/** The commonest colours of all frames, and for each frame which of them its pixels come nearest to. */
function palette(frames: Frame[]) {
  const count = new Uint32Array(CELLS);
  const sum = new Float64Array(3 * CELLS);
  const cell = (p: Uint8ClampedArray, k: number) => ((p[k]! >> 3) << 10) | ((p[k + 1]! >> 3) << 5) | (p[k + 2]! >> 3);
  for (const { pixels } of frames) {
    for (let k = 0; k < pixels.length; k += 4) {
      const at = cell(pixels, k);
      count[at]!++;
      for (let c = 0; c < 3; c++) sum[3 * at + c]! += pixels[k + c]!;
    }
  }
  const there = [...count.keys()].filter((c) => count[c]).sort((a, b) => count[b]! - count[a]!);
  const mean = (at: number) => [0, 1, 2].map((c) => Math.round(sum[3 * at + c]! / count[at]!));
  const chosen = there.slice(0, SAME).map(mean);
  const apart = (a: number[], b: number[]) => a.reduce((d, v, c) => d + (v - b[c]!) ** 2, 0);
  const known = new Uint8Array(CELLS);
  for (const at of there) {
    const own = mean(at);
    let best = 0;
    for (let k = 1; k < chosen.length; k++) if (apart(own, chosen[k]!) < apart(own, chosen[best]!)) best = k;
    known[at] = best;
  }
  const colours = new Uint8Array(768);
  colours.set(chosen.flat());
  const nearest = (p: Uint8ClampedArray) => Uint8Array.from({ length: p.length / 4 }, (_, k) => known[cell(p, 4 * k)]!);
  return { colours, nearest };
}

/** The smallest rectangle outside of which nothing has changed; one pixel at least. */
function changed(a: Uint8Array, b: Uint8Array, width: number, height: number): [number, number, number, number] {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let k = 0; k < a.length; k++) {
    if (a[k] === b[k]) continue;
    const [x, y] = [k % width, Math.floor(k / width)];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    bottom = y;
  }
  return right < 0 ? [0, 0, 1, 1] : [left, top, right - left + 1, bottom - top + 1];
}

/** GIF's LZW for eight bits a pixel. */
export function lzw(pixels: Uint8Array): Uint8Array {
  const [CLEAR, END] = [256, 257];
  const out: number[] = [];
  let [held, count, size] = [0, 0, 9];
  let codes = new Map<number, number>();
  let next = END + 1;
  const push = (code: number) => {
    held |= code << count;
    for (count += size; count >= 8; count -= 8, held >>>= 8) out.push(held & 255);
  };
  push(CLEAR);
  let prefix = pixels[0]!;
  for (let k = 1; k < pixels.length; k++) {
    const longer = (prefix << 8) | pixels[k]!;
    const code = codes.get(longer);
    if (code !== undefined) {
      prefix = code;
      continue;
    }
    push(prefix);
    if (next < 4096) {
      codes.set(longer, next);
      if (next++ === 1 << size) size++;
    } else {
      push(CLEAR);
      codes = new Map();
      [next, size] = [END + 1, 9];
    }
    prefix = pixels[k]!;
  }
  push(prefix);
  push(END);
  if (count) out.push(held & 255);
  return Uint8Array.from(out);
}
