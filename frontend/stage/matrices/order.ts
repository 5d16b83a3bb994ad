// In which order the channels of matrices are drawn: one order for all, so that a place is a channel.

export type Order = "index" | "size" | "vector";

/** The channel at each place, of what goes in and of what comes out. */
export type Places = [rows: number[], columns: number[]];

/** Enough to tell the first direction from one that is lengthened by a twentieth less. */
const TURNS = 60;

/** By size: those with the largest numbers first. By vector: as they weigh in the direction that all
 * the matrices together lengthen most (their first singular vector), so that what works alike is near. */
export function placesOf(matrices: Float32Array[], rows: number, columns: number, by: Order): Places {
  const places = [rows, columns].map((own, axis) => {
    const all = [...Array(own).keys()];
    if (by === "index") return all;
    const others = axis ? rows : columns;
    let weights = all.map((k) => 1 + (k % 7) / 10);
    for (let turn = by === "size" ? 1 : TURNS; turn > 0; turn--) {
      const next = all.map(() => 0);
      for (const m of matrices) {
        for (let other = 0; other < others; other++) {
          const at = (k: number) => m[axis ? other * columns + k : k * columns + other]!;
          const through = by === "size" ? 0 : all.reduce((sum, k) => sum + at(k) * weights[k]!, 0);
          for (const k of all) next[k]! += at(k) * (by === "size" ? at(k) : through);
        }
      }
      // Of either sign: the heaviest channel stands first.
      const heaviest = next.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0) || 1;
      weights = next.map((x) => x / heaviest);
    }
    return all.sort((a, b) => weights[b]! - weights[a]!);
  });
  return places as Places;
}

export function arranged(values: Float32Array, [rows, columns]: Places): Float32Array {
  return Float32Array.from(rows.flatMap((i) => columns.map((c) => values[i * columns.length + c]!)));
}
