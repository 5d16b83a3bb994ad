// The tab of the molecule: a field for its text, and examples.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Example } from "./answer";

/** A field grows with a pasted molblock up to this many lines. */
const MOST_LINES = 8;

interface Props {
  draft: string;
  wrong: boolean;
  examples: Example[];
  /** The text of what is shown. */
  shown: string;
  change: (text: string) => void;
  submit: (text: string) => void;
}

export function Ask({ draft, wrong, examples, shown, change, submit }: Props) {
  return (
    <div class="lab-typed">
      <form
        class="lab-form"
        onSubmit={(e) => {
          e.preventDefault();
          submit(draft);
        }}
      >
        <label class="lab-field">
          <span>As text</span>
          <Field draft={draft} wrong={wrong} change={change} submit={() => submit(draft)} />
        </label>
        <button type="submit" class="lab-button lab-show">
          Show
        </button>
      </form>
      {examples.length > 0 && (
        <span class="lab-pills lab-examples" role="group" aria-label="Examples">
          <span class="lab-quiet">try</span>
          {examples.map((example) => (
            <button
              type="button"
              key={example.label}
              class="lab-pill lab-example"
              aria-pressed={example.text === shown}
              title={example.text}
              onClick={() => submit(example.text)}
            >
              {example.label}
            </button>
          ))}
        </span>
      )}
    </div>
  );
}

interface FieldProps {
  draft: string;
  wrong: boolean;
  change: (text: string) => void;
  submit: () => void;
}

/** One line high; a pasted molblock keeps its lines and the field grows with them. */
function Field({ draft, wrong, change, submit }: FieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const lines = Math.min(MOST_LINES, draft.split("\n").length);
  useLayoutEffect(() => {
    if (field.current) field.current.rows = lines;
  }, [lines]);
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <textarea
      ref={field}
      class="lab-input"
      rows={1}
      value={draft}
      spellcheck={false}
      autocomplete="off"
      autocapitalize="off"
      placeholder="SMILES, InChI or molblock"
      aria-invalid={wrong}
      wrap="off"
      onInput={(e) => change(e.currentTarget.value)}
      onKeyDown={keys}
    />
  );
}
