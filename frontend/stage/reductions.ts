// Numbers of several rows put together, spelled out: messages into an atom, or all atoms.
import { num, signed } from "../shared/format";
import { total, type Outcome, type Reader, type Term } from "./arithmetic";

/** Places in Python's list of rules for quantiles. */
const [LINEAR, LOWER, HIGHER] = [0, 1, 2];

export function overRows(r: Reader, rows: number[], label: (row: number) => string, noun: string): Outcome {
  const verb = r.quantity.op.replace(/_(incoming|nodes|members)$/, "");
  const last = r.quantity.args.length - 1;
  const over = `over ${rows.length} ${rows.length === 1 ? noun.slice(0, -1) : noun}`;
  if (verb === "rows" || verb === "sorted") return inOrder(r, verb === "sorted", rows, label, noun);
  if (verb === "softmax") return softmax(r, rows, label, r.symbol(last), over);
  const terms: Term[] = rows.map((row) => {
    const factors = verb === "weighted_sum" ? [r.aligned(0, row), r.aligned(1, row)] : [r.aligned(0, row)];
    return { label: label(row), factors, value: factors.reduce((a, b) => a * b, 1), from: r.from(last, row) };
  });
  if (verb === "weighted_sum") {
    const rule = `Σ ${r.symbol(0)} · ${r.entry(last)} ${over}`;
    return { rule, terms, join: "+", lines: [], value: total(terms) };
  }
  const named = `${verb} of ${r.entry(last)} ${over}`;
  return { rule: named, join: "", lines: [], ...reduce(verb, terms, r.quantity.constants) };
}

/** Rows laid out one after another: one of them holds this number, or none where they are fewer. */
function inOrder(r: Reader, byLast: boolean, rows: number[], label: (row: number) => string, noun: string): Outcome {
  const last = (row: number) => r.values(0, row).at(-1)!;
  const order = byLast ? rows.toSorted((a, b) => last(b) - last(a)) : rows;
  const width = r.scene.width(r.scene.quantity(r.quantity.args[0]!));
  const [place, at] = [Math.floor(r.channel / width), r.channel % width];
  const [row, thing] = [order[place], noun.slice(0, -1)];
  const rule = `${thing} ${place + 1} ${byLast ? "by the last channel" : "in their order"}: ${r.symbol(0)}[${at}]`;
  if (row === undefined) return { rule, terms: [], join: "", lines: [`there are only ${rows.length}: 0`], value: 0 };
  const value = r.values(0, row)[at]!;
  const lines = byLast ? [`its last channel is ${num(last(row))}`] : [];
  const term = { label: label(row), factors: [value], value, from: r.from(0, row, at) };
  return { rule, terms: [term], join: "", lines, value };
}

type Reduced = Partial<Outcome> & Pick<Outcome, "terms" | "value">;

function reduce(verb: string, terms: Term[], constants: Record<string, number>): Reduced {
  const n = Math.max(terms.length, 1);
  const sum = total(terms);
  switch (verb) {
    case "sum":
      return { terms, join: "+", value: sum };
    case "mean":
      return { terms, join: "+", lines: [`${signed(sum)} ÷ ${n}`], value: sum / n };
    case "mul":
      return { terms, join: "×", value: terms.reduce((product, t) => product * t.value, 1) };
    case "min":
      return pick(terms, Math.min, "smallest");
    case "var":
    case "std":
      return spread(terms, sum / n, n, verb === "std");
    case "quantile":
      return quantile(terms, constants.q ?? 0.5, constants.rule ?? LINEAR);
    default:
      return pick(terms, Math.max, "largest");
  }
}

/** The largest or smallest of the terms; 0 where there is none. */
function pick(terms: Term[], choose: (...values: number[]) => number, picked: string): Reduced {
  const value = terms.length ? choose(...terms.map((t) => t.value)) : 0;
  return { terms: terms.map((t) => ({ ...t, mark: t.value === value })), picked, value };
}

/** The mean of the squares less the square of the mean, or its root. */
function spread(numbers: Term[], mean: number, n: number, root: boolean): Reduced {
  const terms = numbers.map((t) => ({ ...t, factors: [t.value, t.value], value: t.value * t.value }));
  const squares = total(terms) / n;
  const variance = squares - mean * mean;
  const lines = [`mean of the squares ${num(squares)}`, `− square of the mean ${num(mean)}² = ${num(variance)}`];
  if (!root) return { terms, join: "+", lines, value: variance };
  const value = variance > 1e-5 ? Math.sqrt(variance) : 0;
  lines.push(value ? `√${num(variance)}` : "no larger than 10⁻⁵: counted as 0");
  return { terms, join: "+", lines, value };
}

/** The number at the share q of the way through the sorted terms; 0 where there is none. */
function quantile(terms: Term[], q: number, rule: number): Reduced {
  const sorted = terms.toSorted((a, b) => a.value - b.value);
  if (!sorted.length) return { terms, value: 0 };
  const place = q * (sorted.length - 1);
  const [below, above] = [Math.floor(place), Math.ceil(place)];
  const [low, high] = [sorted[below]!.value, sorted[above]!.value];
  const share = rule === LINEAR ? place - below : rule === LOWER ? 0 : rule === HIGHER ? 1 : 0.5;
  const value = low + (high - low) * share;
  const marked = sorted.map((t, k) => ({ ...t, mark: k === below || k === above }));
  const between = below === above ? "" : `: ${num(share, 2)} of the way from ${num(low)} to ${num(high)}`;
  return { terms: marked, picked: "taken", lines: [`sorted, place ${num(place, 3)} from 0${between}`], value };
}

function softmax(r: Reader, rows: number[], label: (row: number) => string, symbol: string, over: string): Outcome {
  const terms = rows.map((row) => ({ label: label(row), factors: [], value: r.aligned(0, row), from: r.from(0, row) }));
  return shareOf(terms, rows.indexOf(r.row), symbol, over);
}

/** The exponential of one of the terms over that of all. */
export function shareOf(exponents: Term[], own: number, symbol: string, over: string): Outcome {
  const peak = Math.max(...exponents.map((t) => t.value));
  // Written out plainly unless that would overflow.
  const shift = Math.abs(peak) > 50 ? peak : 0;
  const terms = exponents.map((t, k) => ({
    ...t,
    label: `exp ${t.label}`,
    factors: [t.value],
    value: Math.exp(t.value - shift),
    mark: k === own,
  }));
  const [above, below] = [terms[own]!.value, total(terms)];
  const lines = [`${num(above)} ÷ ${num(below)}`];
  if (shift) lines.unshift(`every exponent lowered by the largest, ${num(shift)}`);
  return { rule: `exp(${symbol}) ÷ Σ exp(${symbol}) ${over}`, terms, join: "+", lines, value: above / below };
}
