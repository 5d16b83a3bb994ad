// The paper's letters: subscripts after an underscore, superscripts after a caret.
import type { ComponentChildren } from "preact";

// A superscript without braces ends with its number: "x^0W" is x⁰ times W. What stands in braces may
// be named by braces itself: merged atoms are.
const PART = /([_^])(?:\{((?:[^{}]|\{[^{}]*\})*)\}|([-−]?[\d½]+(?=[^\d½])|[^\s_^·×+=()[\],]+))/g;

/** Text such as "m_ij = h_j W_ij" or "h_i^{t+1}" with its subscripts set low. */
export function Formula({ text }: { text: string }) {
  const parts: ComponentChildren[] = [];
  let last = 0;
  for (const match of text.matchAll(PART)) {
    parts.push(text.slice(last, match.index));
    const inner = match[2] ?? match[3]!;
    parts.push(match[1] === "_" ? <sub>{inner}</sub> : <sup>{inner}</sup>);
    last = match.index + match[0].length;
  }
  parts.push(text.slice(last));
  return <span class="lab-formula">{parts}</span>;
}
