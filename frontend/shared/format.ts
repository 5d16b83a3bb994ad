// Numbers as text: a real minus sign, three significant digits or more, never cut mid-number.

const SUPERSCRIPT: Record<string, string> = {
  "-": "⁻",
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
};

/** A number with at least `digits` significant digits: 0.3142, −12.4, 3.1×10⁻⁷. */
export function num(value: number, digits = 3): string {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "not a number";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return minus(scientific(value, digits));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return minus(value.toFixed(decimals));
}

/** The same with its sign always said: +0.314, −0.314. */
export function signed(value: number, digits = 3): string {
  return value < 0 || value === 0 ? num(value, digits) : `+${num(value, digits)}`;
}

/** A difference in few digits: 0, 3×10⁻⁷. */
export function rough(value: number): string {
  if (value === 0) return "0";
  return minus(scientific(value, 1));
}

function scientific(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
  const power = [...exponent.replace("+", "")].map((c) => SUPERSCRIPT[c]).join("");
  return `${mantissa}×10${power}`;
}

function minus(text: string): string {
  return text.replace("-", "−");
}

/** "1 bond", "4 bonds". */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

/** "a, b and c". */
export function list(words: string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** The first letter large, the rest as it is. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
