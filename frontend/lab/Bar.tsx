// The bar above the stage: which molecule, which model, and what was wrong with what was typed.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isPlain } from "../shared/keys";
import { useDark } from "../shared/theme";
import { ErrorNote } from "./ErrorNote";

export interface Example {
  label: string;
  text: string;
}

export interface Choice {
  name: string;
  label: string;
  description: string;
}

export type Tab = "build" | "step";

export interface Fault {
  what: string;
  mend: string;
  text: string | null;
  position: number | null;
}

/** What the kernel has said so far. */
export interface Answer {
  text: string;
  examples: Example[];
  error: Fault | null;
  choices: Choice[];
  choice: string;
  note: string;
  tab: Tab;
  /** Counts up at each reply. */
  answered: number;
}

interface Props {
  answer: Answer;
  /** Asks for a molecule or a model; false where that is what is shown already. */
  ask: (text: string) => boolean;
  choose: (name: string) => boolean;
  /** Brings a part of the lab in sight. */
  show: (tab: Tab) => void;
}

/** The parts of the lab, in the order in which one meets them. */
const TABS: [Tab, string, string][] = [
  ["build", "Build", "Put the network together"],
  ["step", "Step", "Step through its messages"],
];

/** A field grows with a pasted molblock up to this many lines. */
const MOST_LINES = 8;

export function Bar({ answer, ask, choose, show }: Props) {
  const dark = useDark();
  const [draft, setDraft] = useState(answer.text);
  const [waiting, setWaiting] = useState<number | null>(null);
  useLayoutEffect(() => setDraft(answer.text), [answer.text]);
  const reading = waiting !== null && waiting === answer.answered;
  const begin = (asked: boolean) => setWaiting(asked ? answer.answered : null);
  const submit = (text: string) => {
    setDraft(text);
    begin(ask(text));
  };
  const wrong = Boolean(answer.error?.what) && !reading;
  const unsent = draft.trim() !== answer.text.trim();
  const note = reading ? "reading…" : unsent ? "not shown yet: press Enter or Show" : answer.note;
  return (
    <div
      class="lab-root lab-bar"
      data-theme={dark ? "dark" : "light"}
      data-lm-suppress-shortcuts="true"
      tabIndex={-1}
      aria-busy={reading}
      onKeyDown={(e) => isPlain(e) && e.stopPropagation()}
    >
      <form
        class="lab-ask"
        onSubmit={(e) => {
          e.preventDefault();
          submit(draft);
        }}
      >
        <label class="lab-field">
          <span>Molecule</span>
          <Field draft={draft} wrong={wrong} change={setDraft} submit={() => submit(draft)} />
        </label>
        <button type="submit" class="lab-button lab-show">
          Show
        </button>
        <Models answer={answer} choose={(name) => begin(choose(name))} />
      </form>
      <div class="lab-second">
        {answer.examples.length > 0 && (
          <span class="lab-pills lab-examples" role="group" aria-label="Examples">
            <span class="lab-quiet">try</span>
            {answer.examples.map((example) => (
              <button
                type="button"
                key={example.label}
                class="lab-pill lab-example"
                aria-pressed={example.text === answer.text}
                title={example.text}
                onClick={() => submit(example.text)}
              >
                {example.label}
              </button>
            ))}
          </span>
        )}
        <span class="lab-notice" role="status">
          {note}
        </span>
      </div>
      {wrong && <ErrorNote error={answer.error!} />}
      <div class="lab-tabs" role="group" aria-label="Parts of the lab">
        {TABS.map(([tab, label, title]) => (
          <button
            type="button"
            key={tab}
            class="lab-tab"
            aria-pressed={tab === answer.tab}
            title={title}
            onClick={() => show(tab)}
          >
            {label}
          </button>
        ))}
      </div>
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

function Models({ answer, choose }: { answer: Answer; choose: (name: string) => void }) {
  const { choices, choice } = answer;
  if (!choices.length) return null;
  const chosen = choices.find((c) => c.name === choice);
  return (
    <label class="lab-model" title={chosen && `${chosen.label}: ${chosen.description}`}>
      <span>Model</span>
      <select class="lab-select" value={choice} onChange={(e) => choose(e.currentTarget.value)}>
        {choices.map((c) => (
          <option key={c.name} value={c.name} title={c.description}>
            {c.label}
          </option>
        ))}
      </select>
    </label>
  );
}
