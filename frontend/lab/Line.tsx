// The lab's first line: which molecule, which model, which run.
import { useRef } from "preact/hooks";
import type { Answer } from "./answer";

interface Props {
  answer: Answer;
  ask: (text: string) => void;
  choose: (name: string) => void;
  /** Goes where another molecule can be typed. */
  another: () => void;
  helped: boolean;
  help: () => void;
}

export function Line({ answer, ask, choose, another, helped, help }: Props) {
  return (
    <div class="lab-line">
      <Molecules answer={answer} ask={ask} another={another} />
      <Models answer={answer} choose={choose} />
      <span class="lab-said">
        <span>Run</span>
        <span class={answer.run === "untrained" ? "lab-run lab-untrained" : "lab-run"} title={answer.run}>
          {answer.run}
        </span>
      </span>
      <button
        type="button"
        class="lab-button lab-what"
        aria-label="What the lab can do"
        aria-expanded={helped}
        title="What the lab can do (?)"
        onClick={help}
      >
        ?
      </button>
    </div>
  );
}

/** No example's number. */
const SHOWN = "shown";
const ANOTHER = "another";

function Molecules({ answer, ask, another }: Pick<Props, "answer" | "ask" | "another">) {
  const select = useRef<HTMLSelectElement>(null);
  const place = answer.examples.findIndex((e) => e.text === answer.text);
  const now = place < 0 ? SHOWN : String(place);
  const pick = (value: string) => {
    if (select.current) select.current.value = now; // the kernel says what is shown
    if (value === ANOTHER) another();
    else if (value !== now) ask(answer.examples[Number(value)]!.text);
  };
  return (
    <label class="lab-said" title={answer.title}>
      <span>Molecule</span>
      <select ref={select} class="lab-select" value={now} onChange={(e) => pick(e.currentTarget.value)}>
        {place < 0 && <option value={SHOWN}>{answer.title}</option>}
        {answer.examples.map((example, k) => (
          <option key={example.label} value={String(k)} title={example.text}>
            {k === place ? answer.title : example.label}
          </option>
        ))}
        <option value={ANOTHER}>another…</option>
      </select>
    </label>
  );
}

function Models({ answer, choose }: Pick<Props, "answer" | "choose">) {
  const { choices, choice } = answer;
  if (!choices.length) return null;
  const chosen = choices.find((c) => c.name === choice);
  return (
    <label class="lab-said" title={chosen && `${chosen.label}: ${chosen.description}`}>
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
