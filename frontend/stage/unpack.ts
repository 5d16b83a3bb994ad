// Goes back from the text of an exported file to bytes: what mpnn_lab/exporting/packing.py does.

const FORBIDDEN = [0, 13, 60];
const BEYOND = 0x100;

/** Seven bits a character, those beyond ASCII fourteen; `size` bytes come out. */
export function fromText(text: string, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let [at, held, count] = [0, 0, 0];
  const push = (seven: number) => {
    held = ((held << 7) | seven) & 0x7fff;
    count += 7;
    if (count < 8) return;
    count -= 8;
    if (at < size) bytes[at++] = held >> count;
  };
  for (let k = 0; k < text.length; k++) {
    const code = text.charCodeAt(k);
    if (code < BEYOND) push(code);
    else {
      push(FORBIDDEN[(code - BEYOND) >> 7]!);
      push(code & 127);
    }
  }
  if (at < size) throw new Error(`it holds ${at} of ${size} bytes`);
  return bytes;
}

export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** A blob whose arrays' bytes were sorted by their place in a word of four, as it was before. */
export function gathered(packed: ArrayBuffer): Uint8Array<ArrayBuffer> {
  const from = new Uint8Array(packed);
  const start = 12 + new DataView(packed).getUint32(8, true);
  const words = (from.length - start) / 4;
  const blob = from.slice();
  for (let plane = 0; plane < 4; plane++) {
    let source = start + plane * words;
    for (let to = start + plane; to < blob.length; to += 4) blob[to] = from[source++]!;
  }
  return blob;
}
