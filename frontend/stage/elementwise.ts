// The operations that look at one channel at a time, and layer norm, spelled out.
import { num, signed } from "../shared/format";
import { total, type Outcome, type Reader, type Term } from "./arithmetic";
import { shareOf } from "./reductions";
import { partName } from "./scene";

export function elementwise(r: Reader): Outcome {
  const { quantity: q, channel: c } = r;
  switch (q.op) {
    case "add": {
      const terms = q.args.map((_, k) => ({ ...single(r.symbol(k), r.aligned(k)), from: r.from(k) }));
      const rule = q.args.map((_, k) => r.entry(k)).join(" + ");
      return { rule, terms, join: "+", lines: [], value: total(terms) };
    }
    case "multiply": {
      const factors = q.args.map((_, k) => r.aligned(k));
      const value = factors.reduce((a, b) => a * b, 1);
      const label = q.args.map((_, k) => r.symbol(k)).join(" · ");
      return { rule: label, terms: [{ label: "", factors, value }], join: "+", lines: [], value };
    }
    case "interpolate": {
      const [z, n, h] = [r.aligned(0), r.aligned(1), r.aligned(2)];
      const [Z, N, H] = [r.symbol(0), r.symbol(1), r.symbol(2)];
      const terms = [
        { label: `(1 − ${Z}) · ${N}`, factors: [1 - z, n], value: (1 - z) * n, from: r.from(1) },
        { label: `${Z} · ${H}`, factors: [z, h], value: z * h, from: r.from(0) },
      ];
      return { rule: `(1 − ${Z}) · ${N} + ${Z} · ${H}`, terms, join: "+", lines: [], value: total(terms) };
    }
    case "layer_norm":
      return layerNorm(r);
    case "power": {
      const [x, exponent] = [r.aligned(0), q.constants.exponent ?? 1];
      // An atom that hears from nobody has a degree of 0, and counts for nothing.
      const value = x === 0 ? 0 : x ** exponent;
      return inputs(r, `${r.symbol(0)}^{${num(exponent, 2)}}`, [`${num(x)} to the power ${num(exponent, 2)}`], value);
    }
    case "clamp": {
      const x = r.aligned(0);
      const { low = -Infinity, high = Infinity } = q.constants;
      const value = Math.min(high, Math.max(low, x));
      const bounds = [low > -1e38 && `at least ${num(low, 2)}`, high < 1e38 && `at most ${num(high, 2)}`];
      const line = value === x ? `${num(x)}, kept` : `${num(x)} becomes ${num(value)}`;
      return inputs(r, `${r.symbol(0)}, ${bounds.filter(Boolean).join(" and ")}`, [line], value);
    }
    case "kept":
      return inputs(r, `${r.symbol(0)} of those that stay`, [], r.aligned(0));
    case "split_heads":
      return inputs(r, `one entry of ${r.symbol(0)}`, [], r.values(0)[c]!);
    case "flatten":
      return inputs(r, `${r.symbol(0)}, ${parts(r)}s side by side`, [], r.values(0)[c]!);
    case "repeat_heads":
      return inputs(r, `${r.symbol(0)}, the same for every ${partName(q)}`, [], r.aligned(0));
    case "channels": {
      const at = c + (q.constants.start ?? 0);
      const value = r.values(0)[at]!;
      const term = { ...single(`${r.symbol(0)}[${at}]`, value), from: r.from(0, undefined, at) };
      return { rule: `channel ${at} of ${r.symbol(0)}`, terms: [term], join: "", lines: [], value };
    }
    case "mean_heads":
    case "sum_heads":
      return overHeads(r);
    case "softmax_channels":
    case "softmax_heads":
      return shareOf(headTerms(r, 1), c, r.symbol(0), `over ${r.values(0).length} ${parts(r)}s`);
    case "combine":
      return combine(r);
    case "concatenate":
      return concatenate(r);
    case "maximum":
      return maximum(r);
    case "point_pair":
      return pointPair(r);
    default:
      return activation(r);
  }
}

function single(label: string, value: number): Term {
  return { label, factors: [value], value };
}

function inputs(r: Reader, rule: string, lines: string[], value: number): Outcome {
  return {
    rule,
    terms: [{ ...single(r.entry(0), value), from: r.from(0) }],
    join: "",
    lines,
    value,
  };
}

const ACTIVATIONS: Record<string, (x: number, slope: number) => [rule: string, line: string, value: number]> = {
  relu: (x) => ["max(0, x)", `max(0, ${num(x)})`, Math.max(0, x)],
  leaky_relu: (x, slope) => {
    const line = x < 0 ? `${num(slope)} · (${num(x)})` : `${num(x)}, kept: it is not negative`;
    return [`x where x ≥ 0, else ${num(slope)} · x`, line, x < 0 ? slope * x : x];
  },
  elu: (x, slope) => {
    const line = x < 0 ? `${num(slope)} · (exp(${num(x)}) − 1)` : `${num(x)}, kept: it is not negative`;
    return [`x where x ≥ 0, else ${num(slope)} · (exp(x) − 1)`, line, x < 0 ? slope * Math.expm1(x) : x];
  },
  silu: (x) => ["x ÷ (1 + exp(−x))", `${num(x)} ÷ (1 + exp(${num(-x)}))`, x / (1 + Math.exp(-x))],
  sigmoid: (x) => ["1 ÷ (1 + exp(−x))", `1 ÷ (1 + exp(${num(-x)}))`, 1 / (1 + Math.exp(-x))],
  softplus: (x) => ["log(1 + exp(x))", `log(1 + exp(${num(x)}))`, x > 30 ? x : Math.log1p(Math.exp(x))],
  exp: (x) => ["exp(x)", `exp(${num(x)})`, Math.exp(x)],
  log: (x) => ["log(x)", `log(${num(x)})`, Math.log(x)],
  tanh: (x) => ["tanh(x)", `tanh(${num(x)})`, Math.tanh(x)],
};

function activation(r: Reader): Outcome {
  const { op, constants, name } = r.quantity;
  const rule = ACTIVATIONS[op];
  if (!rule) throw new Error(`${name} is made by "${op}", which this front end cannot spell`);
  const x = r.aligned(0);
  const slope = constants.slope ?? constants.negative_slope ?? constants.alpha ?? (op === "elu" ? 1 : 0.01);
  const [words, line, value] = rule(x, slope);
  const term = { ...single(`x = ${r.entry(0)}`, x), from: r.from(0) };
  return { rule: words, terms: [term], join: "", lines: [line], value };
}

/** |d| and the angles (n_i, d), (n_j, d), (n_i, n_j), in radians. */
function pointPair(r: Reader): Outcome {
  const between = [[], [1, 0], [2, 0], [1, 2]][r.channel]!;
  if (!between.length) {
    const d = r.values(0);
    const terms = Array.from(d, (x, i) => ({ label: String(i), factors: [x, x], value: x * x, from: r.from(0, undefined, i) }));
    const square = total(terms);
    return { rule: `‖${r.symbol(0)}‖`, terms, join: "+", lines: [`√(${num(square)})`], value: Math.sqrt(square) };
  }
  const [k, l] = between as [number, number];
  const [a, b] = [r.values(k), r.values(l)];
  const terms = Array.from(a, (x, i) => {
    const factors = [x, b[i]!];
    return { label: String(i), factors, value: x * b[i]!, from: r.from(k, undefined, i) };
  });
  const part = (i: number, j: number) => a[i]! * b[j]! - a[j]! * b[i]!;
  const across = Math.hypot(part(1, 2), part(2, 0), part(0, 1));
  const along = total(terms);
  const [A, B] = [r.symbol(k), r.symbol(l)];
  const lines = [`‖${A} × ${B}‖ = ${num(across)}`, `atan2(${num(across)}, ${num(along)}), in radians`];
  return { rule: `∠(${A}, ${B}), from ${A} · ${B}`, terms, join: "+", lines, value: Math.atan2(across, along) };
}

function layerNorm(r: Reader): Outcome {
  const x = r.values(0);
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
  const eps = r.quantity.constants.eps ?? 1e-5;
  const own = r.aligned(0);
  const scaled = (own - mean) / Math.sqrt(variance + eps);
  const weight = r.quantity.args.length > 1 ? r.aligned(1) : 1;
  const bias = r.quantity.args.length > 2 ? r.aligned(2) : 0;
  const lines = [
    `mean of the ${x.length} channels ${num(mean)}, variance ${num(variance)}`,
    `(${num(own)} − (${num(mean)})) ÷ √(${num(variance)} + ${num(eps)}) = ${num(scaled)}`,
    `${num(scaled)} · ${num(weight)} ${signed(bias)}`,
  ];
  return {
    rule: "(x − mean) ÷ √(variance + ε) · weight + bias",
    terms: [{ ...single(`x = ${r.entry(0)}`, own), from: r.from(0) }],
    join: "",
    lines,
    value: scaled * weight + bias,
  };
}

/** What the first axis of the argument counts. */
function parts(r: Reader): string {
  const first = r.scene.quantity(r.quantity.args[0]!);
  return first.axes.length === 1 && first.axes[0] === "channel" ? "channel" : partName(first);
}

/** The channel of every head, as terms. */
function headTerms(r: Reader, width: number): Term[] {
  const values = r.values(0);
  return Array.from({ length: values.length / width }, (_, k) => {
    const at = k * width + (r.channel % width);
    return { ...single(`${parts(r)} ${k}`, values[at]!), from: r.from(0, undefined, at) };
  });
}

function overHeads(r: Reader): Outcome {
  const terms = headTerms(r, r.scene.width(r.quantity));
  const [sum, mean] = [total(terms), r.quantity.op === "mean_heads"];
  const over = `${r.symbol(0)}[${parts(r)}, ${r.channel}] over ${terms.length} ${parts(r)}s`;
  const lines = mean ? [`${signed(sum)} ÷ ${terms.length}`] : [];
  return { rule: `${mean ? "mean of" : "Σ"} ${over}`, terms, join: "+", lines, value: mean ? sum / terms.length : sum };
}

/** A row's own matrix product: the weights of one head times every base. */
function combine(r: Reader): Outcome {
  const [w, x] = [r.values(0), r.values(1)];
  const bases = r.scene.shape(r.scene.quantity(r.quantity.args[1]!))[0]!;
  const width = x.length / bases;
  const [head, column] = [Math.floor(r.channel / width), r.channel % width];
  const terms = Array.from({ length: bases }, (_, b) => {
    const factors = [w[head * bases + b]!, x[b * width + column]!];
    const from = r.from(1, undefined, b * width + column);
    return { label: `base ${b}`, factors, value: factors[0]! * factors[1]!, from };
  });
  const rule = `Σ ${r.symbol(0)}[head ${head}, base] · ${r.symbol(1)}[base, ${column}]`;
  return { rule, terms, join: "+", lines: [], value: total(terms) };
}

/** Parts end to end along the last axis; each head has its own row of them. */
function concatenate(r: Reader): Outcome {
  const widths = r.quantity.args.map((a) => r.scene.shape(r.scene.quantity(a)).at(-1)!);
  const whole = widths.reduce((a, b) => a + b, 0);
  const head = Math.floor(r.channel / whole);
  let place = r.channel % whole;
  for (let k = 0; k < widths.length; k++) {
    if (place < widths[k]!) {
      const at = head * widths[k]! + place;
      const value = r.values(k)[at]!;
      const term = { ...single(`${r.symbol(k)}[${at}]`, value), from: r.from(k, undefined, at) };
      const rule = `${r.quantity.args.map((_, a) => r.symbol(a)).join(", ")} end to end`;
      return { rule, terms: [term], join: "", lines: [], value };
    }
    place -= widths[k]!;
  }
  throw new Error(`${r.quantity.name} is longer than its parts`);
}

/** The largest of several numbers in the same place. */
function maximum(r: Reader): Outcome {
  const terms = r.quantity.args.map((_, k) => ({ ...single(r.entry(k), r.aligned(k)), from: r.from(k) }));
  const value = Math.max(...terms.map((t) => t.value));
  const marked = terms.map((t) => ({ ...t, mark: t.value === value }));
  const rule = `the largest of ${r.quantity.args.map((_, k) => r.entry(k)).join(", ")}`;
  return { rule, terms: marked, join: "", picked: "largest", lines: [], value };
}
