// Every layer there is, by family, searched by name, formula or what it reads.
import { useLayoutEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { LayerChoice } from "../shared/views";

interface Props {
  layers: LayerChoice[];
  current: string;
  choose: (name: string) => void;
  close: () => void;
}

export function LayerPicker({ layers, current, choose, close }: Props) {
  const id = useId();
  const [search, setSearch] = useState("");
  const found = useMemo(() => matching(layers, search), [layers, search]);
  const able = found.filter((layer) => !layer.reason);
  const [at, setAt] = useState(() => Math.max(0, able.findIndex((layer) => layer.name === current)));
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const active = able[Math.min(at, able.length - 1)];
  useLayoutEffect(() => field.current?.focus({ preventScroll: true }), []);
  useLayoutEffect(() => {
    const option = list.current?.querySelector<HTMLElement>("[data-active]");
    if (!option || !list.current) return;
    // Scrolls the list alone: scrollIntoView would move the page.
    const top = option.offsetTop - list.current.offsetTop;
    if (top < list.current.scrollTop) list.current.scrollTop = top - 24;
    else if (top + option.offsetHeight > list.current.scrollTop + list.current.clientHeight) {
      list.current.scrollTop = top + option.offsetHeight - list.current.clientHeight;
    }
  }, [active]);
  const keys = (event: KeyboardEvent) => {
    const last = able.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
    if (to !== undefined) setAt(Math.max(0, Math.min(last, to)));
    else if (event.key === "Enter" && active) choose(active.name);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  };
  return (
    <div class="lab-picker">
      <input
        ref={field}
        type="text"
        class="lab-typed"
        role="combobox"
        aria-label="Search the layers"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active ? `${id}-${active.name}` : undefined}
        placeholder="Search: GAT, attention, bond, softmax …"
        spellcheck={false}
        autocomplete="off"
        value={search}
        onInput={(e) => {
          setSearch(e.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={keys}
      />
      <div class="lab-layers" id={`${id}-list`} role="listbox" aria-label="Layers" ref={list}>
        {families(found).map(([family, members]) => (
          <div key={members[0]!.name} role="group" aria-label={family}>
            <div class="lab-family" aria-hidden="true">
              {family}
            </div>
            {members.map((layer) => (
              <div
                key={layer.name}
                id={`${id}-${layer.name}`}
                class="lab-option"
                role="option"
                aria-selected={layer.name === current}
                aria-disabled={layer.reason ? true : undefined}
                data-active={layer === active || undefined}
                onClick={() => layer.reason || choose(layer.name)}
              >
                <span class="lab-option-name">{layer.name}</span>
                <span class="lab-option-note">{layer.reason || layer.formula}</span>
              </div>
            ))}
          </div>
        ))}
        {!found.length && <p class="lab-quiet">No layer has this in its name, formula or family.</p>}
      </div>
    </div>
  );
}

/**
 * The layers that hold every word of the search: the one of this very name first, then names that
 * begin with it, names that hold it, and the rest; those that cannot be chosen come last.
 */
export function matching(layers: LayerChoice[], search: string): LayerChoice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (layer: LayerChoice) => Object.values(layer).join(" ").toLowerCase();
  const found = layers.filter((layer) => words.every((word) => text(layer).includes(word)));
  const rank = (layer: LayerChoice) => (layer.reason ? 4 : nearness(layer.name.toLowerCase(), words.join(" ")));
  return found.sort((a, b) => rank(a) - rank(b)); // stable: the registry's order within a rank
}

function nearness(name: string, search: string): number {
  if (name === search) return 0;
  if (name.startsWith(search)) return 1;
  return name.includes(search) ? 2 : 3;
}

/** Neighbours of one family, in the order in which they stand: a family may come again. */
function families(layers: LayerChoice[]): [string, LayerChoice[]][] {
  const groups: [string, LayerChoice[]][] = [];
  for (const layer of layers) {
    const last = groups.at(-1);
    if (last?.[0] === layer.family) last[1].push(layer);
    else groups.push([layer.family, [layer]]);
  }
  return groups;
}
