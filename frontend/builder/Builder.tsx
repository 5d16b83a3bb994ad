// The builder: presets, what the network does, its rounds as cards, and the rest of its fields.
import { Fragment } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isPlain } from "../shared/keys";
import { useDark } from "../shared/theme";
import type { BuilderForm, BuilderState, FieldView, PresetView } from "../shared/views";
import { Field, FaultNote } from "./Field";
import { OptionFields } from "./OptionFields";
import { RoundCard } from "./RoundCard";
import { Summary, whole } from "./Summary";
import { placed, roundsOf, type Faults } from "./faults";
import type { Wish } from "./outbox";

interface Props {
  form: BuilderForm;
  state: BuilderState;
  busy: boolean;
  refusal: string;
  ask: (wish: Wish) => void;
}

export function Builder({ form, state, busy, refusal, ask }: Props) {
  const dark = useDark();
  const root = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  const rounds = roundsOf(state);
  const faults = placed(form, state);
  const focus = (round: number, tool: string) => {
    wanted.current = `[data-round="${round}"] [data-tool="${tool}"]`;
  };
  useLayoutEffect(() => {
    if (!wanted.current) return;
    root.current?.querySelector<HTMLElement>(wanted.current)?.focus({ preventScroll: true });
    wanted.current = null;
  }, [state]);
  const add = () => {
    ask({ kind: "copy", round: rounds.length - 1 });
    focus(rounds.length, "copy");
  };
  return (
    <div
      ref={root}
      class="lab-root lab-builder"
      data-theme={dark ? "dark" : "light"}
      data-lm-suppress-shortcuts="true"
      tabIndex={-1}
      aria-busy={busy}
      onKeyDown={(e) => isPlain(e) && e.stopPropagation()}
    >
      <Presets presets={form.presets} current={state.preset} ask={ask} />
      <Summary state={state} faults={faults.get("") ?? []} refusal={refusal} ask={ask} />
      <div class="lab-columns">
        <section class="lab-rounds" aria-label="Rounds">
          <h3>Rounds of message passing</h3>
          <ol class="lab-cards">
            {rounds.map((_, round) => (
              <RoundCard key={round} {...{ form, state, faults, round, ask, focus }} />
            ))}
          </ol>
          <button
            type="button"
            class="lab-button"
            aria-disabled={rounds.length >= form.most_rounds || undefined}
            title="Add a round like the last one"
            onClick={() => rounds.length < form.most_rounds && add()}
          >
            Add a round
          </button>
          <FaultNote faults={faults.get("rounds") ?? []} />
        </section>
        <div class="lab-side">
          <Group title="Network" fields={form.network_fields} {...{ state, faults, ask }} />
          <Group title="Graph" fields={form.graph_fields} {...{ state, faults, ask }} />
          <Parts state={state} />
        </div>
      </div>
    </div>
  );
}

/** The presets as buttons, by group; under them, in a line kept free, what the one in hand does. */
function Presets({ presets, current, ask }: { presets: PresetView[]; current: string; ask: (wish: Wish) => void }) {
  const [over, setOver] = useState("");
  const shown = presets.find((p) => p.name === (over || current));
  // The first group is in sight; others unfold, and stay so where the preset in hand is theirs.
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const groups = [...new Set(presets.map((preset) => preset.group))];
  return (
    <section class="lab-presets" aria-label="Presets">
      <h3>Presets</h3>
      {groups.map((group, g) => {
        const members = presets.filter((preset) => preset.group === group);
        const open = g === 0 || opened.has(group) || members.some((preset) => preset.name === current);
        return (
          <div key={group} class="lab-pills lab-preset-row" role="group" aria-label={group}>
            {g > 0 && (
              <button
                type="button"
                class="lab-fold"
                aria-expanded={open}
                aria-label={`${group}, ${members.length} presets`}
                onClick={() => setOpened(toggled(opened, group))}
              >
                {group} ({members.length})
              </button>
            )}
            {open &&
              members.map((preset) => (
                <button
                  type="button"
                  key={preset.name}
                  class="lab-pill lab-preset"
                  data-preset={preset.name}
                  aria-pressed={preset.name === current}
                  title={preset.description}
                  onClick={() => ask({ kind: "preset", name: preset.name })}
                  onMouseEnter={() => setOver(preset.name)}
                  onMouseLeave={() => setOver("")}
                  onFocus={() => setOver(preset.name)}
                  onBlur={() => setOver("")}
                >
                  {preset.label}
                </button>
              ))}
          </div>
        );
      })}
      <p class="lab-preset-words">{shown ? shown.description : "A network of your own."}</p>
    </section>
  );
}

function toggled(all: ReadonlySet<string>, one: string): ReadonlySet<string> {
  const next = new Set(all);
  if (!next.delete(one)) next.add(one);
  return next;
}

interface GroupProps {
  title: string;
  fields: FieldView[];
  state: BuilderState;
  faults: Faults;
  ask: (wish: Wish) => void;
}

function Group({ title, fields, state, faults, ask }: GroupProps) {
  if (!fields.length) return null;
  return (
    <section class="lab-group" aria-label={title}>
      <h3>{title}</h3>
      <div class="lab-entries">
        {fields.map((field) => (
          <Fragment key={field.name}>
            <Field
              field={field}
              value={state.spec[field.name]}
              faults={faults.get(field.name) ?? []}
              change={(value) => ask({ kind: "set", path: field.name, value })}
            />
            {field.name === "readout" && (
              <OptionFields
                options={state.readout_options}
                values={state.spec.readout_options as Record<string, unknown>}
                path="readout_options"
                of="Readout"
                {...{ faults, ask }}
              />
            )}
          </Fragment>
        ))}
      </div>
    </section>
  );
}

/** What each part costs, where there is a count. */
function Parts({ state: { cost, faults } }: { state: BuilderState }) {
  if (!cost) return null;
  return (
    <section class="lab-group" aria-label="Cost" data-stale={faults.length > 0 || undefined}>
      <h3>Cost</h3>
      <table class="lab-parts">
        <thead>
          <tr>
            <th scope="col">part</th>
            <th scope="col">weights</th>
            <th scope="col">multiply-adds</th>
          </tr>
        </thead>
        <tbody>
          {cost.parts.map((part) => (
            <tr key={part.name}>
              <th scope="row">{partName(part.name)}</th>
              <td>{whole(part.parameters)}</td>
              <td>{whole(part.multiply_adds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** `rounds.0` is the first round to a reader. */
export function partName(name: string): string {
  const round = /^rounds\.(\d+)$/.exec(name);
  return round ? `round ${Number(round[1]) + 1}` : name.replaceAll("_", " ");
}
