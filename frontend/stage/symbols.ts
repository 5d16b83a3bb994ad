// The letter of a symbol, free of its subscript, so that an atom's or an edge's name can take its place.

const INDEX = /_(?:\{[^}]*\}|[^\s_^·+/()[\],{}]+)$/;
const INDEX_BEFORE_POWER = /^([^\s_^()[\]{}]+)_(?:\{[^}]*\}|[^\s_^{}]+)(\^\S+)$/;
const OPERATOR = /[\s·+−/,]/;

/** Whether a symbol is one letter (or one thing in brackets) and no sum, product or quotient. */
export function isSimple(symbol: string): boolean {
  let depth = 0;
  let closed = false;
  for (const c of symbol.replace(/^−/, "")) {
    if ("([{".includes(c)) depth++;
    else if (")]}".includes(c)) depth--;
    else if (depth === 0 && OPERATOR.test(c)) return false;
    closed ||= depth < 0;
  }
  return depth === 0 && !closed;
}

/** "h" of "h_j", "d^-½" of "d_i^-½", "(aW_1)" of "(aW_1)_i"; all of "[h_i, h_j]" and "γ z + β". */
export function letterOf(symbol: string): string {
  if (!isSimple(symbol)) return symbol;
  const powered = INDEX_BEFORE_POWER.exec(symbol);
  if (powered) return `${powered[1]}${powered[2]}`;
  return symbol.replace(INDEX, "");
}

/** The symbol with a name for its subscript: "h_{C1}", "(γ z + β)_{C0→C1}". */
export function subscripted(symbol: string, subject: string): string {
  const letter = letterOf(symbol);
  return `${isSimple(symbol) ? letter : `(${letter})`}_{${subject}}`;
}

/** Whose number a quantity kept per edge is: "j", the sender's; "i", the receiver's; else "". */
export function endOf(symbol: string): "i" | "j" | "" {
  return isSimple(symbol) ? ((/_([ij])(?:\^\S+)?$/.exec(symbol)?.[1] ?? "") as "i" | "j" | "") : "";
}
