// One field of the form, drawn by its kind: a new field of the specification needs nothing here.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { FaultView, FieldView } from "../shared/views";

/** How long after the last key a value is sent, in ms. */
const PAUSE = 450;

interface Props {
  field: FieldView;
  /** Names the field among others with its label: "Round 2". */
  of?: string;
  value: unknown;
  faults: FaultView[];
  change: (value: unknown) => void;
  /** What stands beside the label. */
  beside?: ComponentChildren;
}

export function Field(props: Props) {
  const { field, of, faults, beside } = props;
  const id = useId();
  const wrong = faults.length > 0;
  const name = of ? `${of}: ${field.label}` : field.label;
  const shared = {
    id,
    "aria-label": name,
    "aria-invalid": wrong || undefined,
    "aria-describedby": wrong ? `${id}-fault` : undefined,
    title: field.description,
    "data-field": field.name,
  };
  const tick = field.kind === "flag" && field.default !== null;
  return (
    <div class={tick ? "lab-entry lab-tick" : "lab-entry"} data-kind={field.kind} data-wide={isWide(offered(field))}>
      <div class="lab-entry-label">
        <label for={id} title={field.description}>
          {field.label}
        </label>
        {beside}
      </div>
      <Control {...props} shared={shared} />
      <FaultNote id={`${id}-fault`} faults={faults} />
    </div>
  );
}

/** What is wrong, and how to mend it, as text. */
export function FaultNote({ id, faults }: { id?: string; faults: FaultView[] }) {
  if (!faults.length) return null;
  return (
    <div class="lab-note-bad lab-wrong" id={id} role="alert">
      {faults.map((fault) => (
        <p key={fault.path + fault.what}>
          {fault.what}
          {fault.mend && <span class="lab-mend"> {fault.mend}</span>}
        </p>
      ))}
    </div>
  );
}

const UNDECIDED = "as the layer decides";

function offered(field: FieldView): string[] {
  if (field.kind === "choice") return field.choices;
  return field.kind === "flag" && field.default === null ? [UNDECIDED] : [];
}

/** Whether a list's longest words need the room of two fields. */
export function isWide(words: string[]): true | undefined {
  return words.some((word) => word.length > 14) || undefined;
}

type Shared = Record<string, unknown>;

function Control({ field, value, change, shared }: Props & { shared: Shared }) {
  if (field.kind === "flag" && field.default === null) {
    const words = ["yes", "no"];
    const said = value === true ? "yes" : value === false ? "no" : "";
    const choose = (word: string) => change(word === "" ? null : word === "yes");
    return <Chooser shared={shared} words={words} value={said} none={UNDECIDED} change={choose} />;
  }
  if (field.kind === "flag") {
    return (
      <input
        {...shared}
        type="checkbox"
        checked={(value ?? field.default) === true}
        onChange={(e) => change(e.currentTarget.checked)}
      />
    );
  }
  if (field.kind === "choice") {
    const said = value ?? field.default;
    const none = field.default === null && field.optional ? "default" : undefined;
    return (
      <Chooser
        shared={shared}
        words={field.choices}
        value={said === null ? "" : String(said)}
        none={none}
        change={(word) => change(word === "" ? null : word)}
      />
    );
  }
  return <Typed field={field} value={value} change={change} shared={shared} />;
}

interface ChooserProps {
  shared: Shared;
  words: string[];
  value: string;
  /** What choosing nothing is called, where that can be chosen. */
  none?: string | undefined;
  /** What a word is called, where that is not the word. */
  called?: (word: string) => string;
  change: (word: string) => void;
}

export function Chooser({ shared, words, value, none, called, change }: ChooserProps) {
  // A word that is not among the choices is shown, and is what the fault is about.
  const strange = value !== "" && !words.includes(value) ? [value] : [];
  const said = value === "" ? none : (called?.(value) ?? value);
  return (
    <select {...shared} title={[said, shared.title].filter(Boolean).join(". ")} class="lab-select" value={value} onChange={(e) => change(e.currentTarget.value)}>
      {none !== undefined && <option value="">{none}</option>}
      {[...strange, ...words].map((word) => (
        <option key={word} value={word}>
          {called?.(word) ?? word}
        </option>
      ))}
    </select>
  );
}

interface TypedProps {
  field: FieldView;
  value: unknown;
  change: (value: unknown) => void;
  shared: Shared;
}

/** A value that is typed: sent when one stops typing, and at once on Enter or on leaving. */
function Typed({ field, value, change, shared }: TypedProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const shown = written(field, value ?? field.default);
  // What Python says of the value is shown again as soon as one is no longer at it.
  useEffect(() => {
    if (document.activeElement !== box.current) setTyped(null);
  }, [shown]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (text: string) => {
    clearTimeout(timer.current);
    if (text !== shown) change(read(field, text));
  };
  const number = field.kind === "whole" || field.kind === "number";
  const words = field.kind === "text" && field.choices.length > 0;
  return (
    <>
      <input
        {...shared}
        ref={box}
        class="lab-typed"
        type={number ? "number" : "text"}
        min={field.least ?? undefined}
        max={field.most ?? undefined}
        step={field.kind === "whole" ? 1 : "any"}
        list={words ? `${String(shared.id)}-words` : undefined}
        placeholder={field.kind === "list" ? "none" : field.optional ? "default" : undefined}
        spellcheck={false}
        autocomplete="off"
        value={typed ?? shown}
        onInput={(e) => {
          const text = e.currentTarget.value;
          setTyped(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => send(text), PAUSE);
        }}
        onChange={(e) => send(e.currentTarget.value)}
        onKeyDown={(e) => e.key === "Enter" && send(e.currentTarget.value)}
        onBlur={(e) => {
          send(e.currentTarget.value);
          setTimeout(() => setTyped(null), PAUSE);
        }}
      />
      {words && (
        <datalist id={`${String(shared.id)}-words`}>
          {field.choices.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** A value as it stands in its field. */
export function written(field: FieldView, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (field.kind === "list" && Array.isArray(value)) return value.join(", ");
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

/** What was typed, as a value; what is none is sent as it is, for Python to say what is wrong. */
export function read(field: FieldView, text: string): unknown {
  const plain = text.trim();
  if (field.kind === "list") {
    const parts = plain.split(/[\s,;]+/).filter(Boolean);
    return parts.every((part) => /^-?\d{1,15}$/.test(part)) ? parts.map(Number) : plain;
  }
  if (plain === "") return null;
  if (field.kind === "whole" || field.kind === "number") {
    const number = Number(plain);
    return Number.isFinite(number) ? number : plain;
  }
  return plain;
}
