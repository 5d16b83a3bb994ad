// The stage's pages, and beside their names whether the sums of the run were recomputed.
import type { CheckView } from "../shared/views";
import { useSelect, useStage } from "./context";
import { CheckBadge } from "./Header";
import type { Tab } from "./store";

export const TABS: [Tab, string][] = [
  ["step", "Step by step"],
  ["run", "Whole run"],
  ["matrices", "Edge matrices"],
];

export function Tabs({ check }: { check: CheckView }) {
  const { store } = useStage();
  const tab = useSelect((s) => s.tab);
  const presenting = useSelect((s) => s.presenting);
  const wondering = useSelect((s) => s.wondering);
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const now = TABS.findIndex(([name]) => name === tab);
    const to = (now + by + TABS.length) % TABS.length;
    store.set({ tab: TABS[to]![0] });
    (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=tab]")[to]?.focus();
  };
  return (
    <div class="lab-tabs">
      <div role="tablist" aria-label="Pages of the stage" onKeyDown={keys}>
        {TABS.map(([name, label]) => (
          <button
            type="button"
            role="tab"
            key={name}
            data-tab={name}
            aria-selected={name === tab}
            tabIndex={name === tab ? 0 : -1}
            onClick={() => store.set({ tab: name })}
          >
            {label}
          </button>
        ))}
      </div>
      <span class="lab-tools">
        {store.ask && (
          <button
            type="button"
            class="lab-link"
            aria-expanded={wondering}
            onClick={() => store.set({ wondering: !wondering })}
          >
            What if …
          </button>
        )}
        <button
          type="button"
          class="lab-link"
          aria-pressed={presenting}
          title={presenting ? "Back to the page (Escape)" : "Fill the screen, in larger letters"}
          onClick={() => store.set({ presenting: !presenting })}
        >
          {presenting ? "✕ close" : "Present"}
        </button>
        <CheckBadge check={check} />
      </span>
    </div>
  );
}
