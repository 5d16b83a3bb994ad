// Who is on stage, what the model says; and whether its sums were recomputed.
import { useState } from "preact/hooks";
import { count, num, rough } from "../shared/format";
import { Hidden, useHidden } from "./Ask";
import type { CheckView, HeaderView, Prediction } from "../shared/views";

type Training = HeaderView["training"];

export function Header({ header, answer }: { header: HeaderView; answer: string }) {
  const hidden = useHidden(answer, 0);
  return (
    <header class="lab-header" role="group" aria-label="Who is on stage">
      <span class="lab-who">
        <strong class="lab-title" title={header.title}>
          {header.title}
        </strong>
        {header.smiles && header.smiles !== header.title && (
          <span class="lab-chip lab-smiles" title={header.smiles}>
            {header.smiles}
          </span>
        )}
        <span class="lab-chip" title={header.model}>
          {header.model}
        </span>
        <span class={header.training === "untrained" ? "lab-chip lab-untrained" : "lab-chip"} title={header.status}>
          {header.status}
        </span>
      </span>
      <span class="lab-predictions">
        {header.predictions.map((p) => (
          <Said key={p.target} prediction={p} training={header.training} hidden={hidden} />
        ))}
      </span>
    </header>
  );
}

/** What the number is: only a model known to be trained predicts. */
const NOUNS: Record<Training, string> = { trained: "predicted", untrained: "untrained output", unknown: "output" };

function Said({ prediction: p, training, hidden }: { prediction: Prediction; training: Training; hidden: boolean }) {
  if (hidden)
    return (
      <span class="lab-prediction">
        {NOUNS[training]} <Hidden />
      </span>
    );
  return (
    <span class="lab-prediction">
      {NOUNS[training]}{" "}
      {p.target && <span class="lab-quiet">{p.target} </span>}
      <strong data-prediction={p.target} data-value={String(p.value)}>
        {num(p.value)}
      </strong>
      {p.unit && ` ${p.unit}`}
      {p.measured !== null && (
        <span class="lab-quiet">
          {" "}
          · measured <b>{num(p.measured)}</b>
          {p.unit && ` ${p.unit}`}
          {p.measured_note && ` (${p.measured_note})`}
        </span>
      )}
    </span>
  );
}

/** "31 sums recomputed: all agree"; what failed is said loudly, what could not be checked is listed. */
export function CheckBadge({ check }: { check: CheckView }) {
  const [open, setOpen] = useState(false);
  const { passed, failed, unchecked, largest_error: error } = check;
  const wrong = failed.length > 0;
  const total = passed + failed.length;
  const said = wrong
    ? `${failed.length} of ${count(total, "sum")} recomputed: ${failed.length === 1 ? "does" : "do"} not agree`
    : total
      ? `${count(passed, "sum")} recomputed: all agree (largest difference ${rough(error)})`
      : "no sum could be recomputed";
  const listed = [...failed, ...unchecked];
  const text = (
    <>
      <span aria-hidden="true">{wrong ? "✕ " : total ? "✓ " : "– "}</span>
      {said}
      {unchecked.length > 0 && <span class="lab-quiet"> · {unchecked.length} not checkable</span>}
    </>
  );
  const kind = wrong ? "lab-check lab-failed" : "lab-check";
  if (!listed.length) return <span class={kind}>{text}</span>;
  return (
    <span class="lab-check-holder">
      <button type="button" class={kind} aria-expanded={open} onClick={() => setOpen(!open)}>
        {text}
      </button>
      {open && (
        <div class="lab-pop" role="group" aria-label="What did not agree or could not be checked">
          {wrong && <List title="Does not agree" lines={failed} />}
          {unchecked.length > 0 && <List title="Not checkable" lines={unchecked} />}
          <button type="button" class="lab-button" onClick={() => setOpen(false)}>
            Close
          </button>
        </div>
      )}
    </span>
  );
}

function List({ title, lines }: { title: string; lines: string[] }) {
  return (
    <>
      <strong>{title}</strong>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}
