// What stands above the lab's widgets: its first line, its tabs, and what was wrong.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isPlain } from "../shared/keys";
import { useDark } from "../shared/theme";
import { About } from "./About";
import type { Answer, Tab } from "./answer";
import { Ask } from "./Ask";
import { ErrorNote } from "./ErrorNote";
import { Line } from "./Line";

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
  ["molecule", "Molecule", "Type or choose a molecule, and see it in 3D"],
  ["build", "Build", "Put the network together"],
  ["step", "Step", "Step through its messages"],
];

export function Bar({ answer, ask, choose, show }: Props) {
  const dark = useDark();
  const root = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState(answer.text);
  const [waiting, setWaiting] = useState<number | null>(null);
  const [helped, setHelped] = useState(false);
  const [typing, setTyping] = useState(false);
  useLayoutEffect(() => setDraft(answer.text), [answer.text]);
  useLayoutEffect(() => {
    if (!typing || answer.tab !== "molecule") return;
    const field = root.current?.querySelector("textarea");
    field?.focus();
    field?.select();
    setTyping(false);
  }, [typing, answer.tab]);
  const reading = waiting !== null && waiting === answer.answered;
  const begin = (asked: boolean) => setWaiting(asked ? answer.answered : null);
  const submit = (text: string) => {
    setDraft(text);
    begin(ask(text));
  };
  const another = () => {
    setTyping(true);
    show("molecule");
  };
  const wrong = Boolean(answer.error?.what) && !reading;
  const unsent = answer.tab === "molecule" && draft.trim() !== answer.text.trim();
  const note = reading ? "reading…" : unsent ? "not shown yet: press Enter or Show" : answer.note;
  const keys = (event: KeyboardEvent) => {
    if (!isPlain(event)) return;
    event.stopPropagation();
    const writing = (event.target as HTMLElement).tagName === "TEXTAREA";
    if (event.key === "?" && !writing) setHelped(!helped);
    if (event.key === "Escape") setHelped(false);
  };
  return (
    <div
      ref={root}
      class="lab-root lab-bar"
      data-theme={dark ? "dark" : "light"}
      data-lm-suppress-shortcuts="true"
      tabIndex={-1}
      aria-busy={reading}
      onKeyDown={keys}
    >
      <Line
        answer={answer}
        ask={submit}
        choose={(name) => begin(choose(name))}
        another={another}
        helped={helped}
        help={() => setHelped(!helped)}
      />
      {helped && <About close={() => setHelped(false)} />}
      <div class="lab-second">
        <div class="lab-places" role="group" aria-label="Parts of the lab">
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
        <span class="lab-notice" role="status">
          {note}
        </span>
      </div>
      {answer.tab === "molecule" && (
        <Ask
          draft={draft}
          wrong={wrong}
          examples={answer.examples}
          shown={answer.text}
          change={setDraft}
          submit={submit}
        />
      )}
      {wrong && <ErrorNote error={answer.error!} />}
    </div>
  );
}
