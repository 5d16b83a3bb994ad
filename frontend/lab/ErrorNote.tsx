// What was wrong with the text, where in it, and how to mend it.
import type { Fault } from "./answer";

/** How much of a long text is shown round the fault, in characters. */
const WIDTH = 72;

export function ErrorNote({ error }: { error: Fault }) {
  // A fault without a place has a position below 0 (or none at all).
  const placed = Boolean(error.text) && error.position !== null && error.position >= 0;
  const shown = placed ? excerpt(error.text!, error.position!) : null;
  return (
    <div class="lab-note-bad lab-error" role="alert">
      <strong>{error.what}</strong>
      {shown && (
        <pre class="lab-excerpt">
          {shown.before}
          <mark>{shown.at}</mark>
          {shown.after}
          {"\n"}
          {" ".repeat([...shown.before].length)}^
        </pre>
      )}
      {error.mend && <p>{error.mend}</p>}
    </div>
  );
}

/**
 * One printable line of the text round the fault, split at it. The position counts code points, as
 * Python's does; a fault past the end marks the empty place there.
 */
export function excerpt(text: string, position: number, width = WIDTH) {
  const characters = [...text].map((c) => (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(c) ? "\uFFFD" : c));
  const at = Math.max(0, Math.min(position, characters.length));
  const start = Math.max(0, Math.min(at - Math.floor(width / 2), characters.length - width));
  const end = Math.min(characters.length, start + width);
  const part = (from: number, to: number) => characters.slice(from, to).join("");
  return {
    before: (start > 0 ? "…" : "") + part(start, at),
    at: at < characters.length ? characters[at]! : " ",
    after: part(at + 1, end) + (end < characters.length ? "…" : ""),
  };
}
