// One round as a card: its layer, its fields, the layer's own options, and where it stands.
import { useEffect, useRef, useState } from "preact/hooks";
import type { BuilderForm, BuilderState, FieldView, LayerDetails, PartCost } from "../shared/views";
import { Chooser, FaultNote, Field, isWide, written } from "./Field";
import { LayerPicker } from "./LayerPicker";
import { OptionFields } from "./OptionFields";
import { equal, isFaulty, roundsOf, type Faults, type LayerDraft } from "./faults";
import type { Wish } from "./outbox";
import { whole } from "./Summary";

interface Props {
  form: BuilderForm;
  state: BuilderState;
  faults: Faults;
  round: number;
  ask: (wish: Wish) => void;
  /** Asks for the focus once the round has moved, gone or been copied. */
  focus: (round: number, tool: string) => void;
}

export function RoundCard({ form, state, faults, round, ask, focus }: Props) {
  const rounds = roundsOf(state);
  const layer = rounds[round]!;
  const details = state.details[layer.name];
  const path = `rounds.${round}`;
  const twin = round > 0 && equal(layer, rounds[round - 1]);
  const [opened, setOpened] = useState(round === 0);
  const [picking, setPicking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wrong = isFaulty(faults, path);
  const open = opened || wrong;
  // What a fault has unfolded stays so: nothing folds away under one's hands once it is mended.
  useEffect(() => {
    if (wrong) setOpened(true);
  }, [wrong]);
  const title = `Round ${round + 1}`;
  const closePicker = () => {
    setPicking(false);
    button.current?.focus();
  };
  return (
    <li class="lab-card" data-round={round} data-open={open || undefined}>
      <div class="lab-card-head">
        <h4>
          <button type="button" class="lab-fold" aria-label={title} aria-expanded={open} onClick={() => setOpened(!opened)}>
            {title}
          </button>
        </h4>
        <button
          type="button"
          ref={button}
          class="lab-button lab-layer"
          aria-label={`${title}: layer ${layer.name}`}
          aria-expanded={picking}
          data-field="name"
          onClick={() => setPicking(!picking)}
        >
          {layer.name} <span aria-hidden="true">▾</span>
        </button>
        <span class="lab-short">{twin ? `same as round ${round}` : open ? "" : short(form, layer)}</span>
        <Price part={state.cost?.parts.find((p) => p.name === path)} stale={state.faults.length > 0} />
        <Tools round={round} count={rounds.length} most={form.most_rounds} ask={ask} focus={focus} />
      </div>
      {picking && (
        <LayerPicker
          layers={form.layers}
          current={layer.name}
          close={closePicker}
          choose={(name) => {
            if (name !== layer.name) ask({ kind: "set", path: `${path}.name`, value: name });
            closePicker();
          }}
        />
      )}
      <FaultNote faults={[...(faults.get(path) ?? []), ...(faults.get(`${path}.name`) ?? [])]} />
      {open && (
        <>
          {details && !picking && <p class="lab-formula-line">{details.formula}</p>}
          <div class="lab-entries">
            {form.layer_fields.map((field) => (
              <LayerField key={field.name} {...{ form, state, faults, round, ask, field }} details={details} />
            ))}
          </div>
          {details && <Options {...{ details, layer, faults, path, title, ask }} />}
        </>
      )}
    </li>
  );
}

/** A folded card in a few words. */
export function short(form: BuilderForm, layer: LayerDraft): string {
  const fields = form.layer_fields.filter((f) => !equal(layer[f.name], f.default));
  const said = fields.map((f) => {
    if (f.name === "width") return `${layer.width} channels`;
    const value = written(f, layer[f.name]);
    return value === "none" ? `no ${f.label.toLowerCase()}` : `${f.label.toLowerCase()} ${value}`;
  });
  return [...said, ...Object.entries(layer.options).map(([name, value]) => `${name} ${String(value)}`)].join(", ");
}

interface LayerFieldProps {
  form: BuilderForm;
  state: BuilderState;
  faults: Faults;
  round: number;
  ask: (wish: Wish) => void;
  field: FieldView;
  details: LayerDetails | undefined;
}

function LayerField({ form, state, faults, round, ask, field, details }: LayerFieldProps) {
  const rounds = roundsOf(state);
  const path = `rounds.${round}.${field.name}`;
  const value = rounds[round]![field.name];
  const differs = rounds.some((other) => !equal(other[field.name], value));
  const change = (next: unknown) => ask({ kind: "set", path, value: next });
  const title = `Round ${round + 1}`;
  const beside = differs && (
    <button
      type="button"
      class="lab-link lab-spread"
      aria-label={`${title}: use this ${field.label.toLowerCase()} for all rounds`}
      title="Use it for all rounds"
      onClick={() => ask({ kind: "spread", round, field: field.name })}
    >
      for all
    </button>
  );
  const found = faults.get(path) ?? [];
  if (field.name !== "aggr") {
    return <Field {...{ field, value, change, beside }} of={title} faults={found} />;
  }
  return <Aggregator {...{ form, details, value, change, beside, field, title, found }} />;
}

interface AggregatorProps {
  form: BuilderForm;
  details: LayerDetails | undefined;
  value: unknown;
  change: (value: unknown) => void;
  beside: preact.ComponentChildren;
  field: FieldView;
  title: string;
  found: ReturnType<Faults["get"]> & object;
}

/** The aggregators that this layer takes; those that depend on the order of the atoms are marked. */
function Aggregator({ form, details, value, change, beside, field, title, found }: AggregatorProps) {
  const own = !details?.aggrs.length;
  const known = new Map(form.aggregators.map((a) => [a.name, a]));
  const words = own ? [] : details.aggrs;
  const chosen = value === null || value === undefined ? "" : String(value);
  const formula = known.get(chosen || (details?.aggr ?? ""))?.formula;
  const called = (word: string) => (known.get(word)?.order ? `${word} (order matters)` : word);
  const none = own ? "the layer's own way" : `${details.aggr} (default)`;
  return (
    <div class="lab-entry" data-kind="choice" data-wide={isWide([none, ...words.map(called)])}>
      <div class="lab-entry-label">
        <span title={field.description}>{field.label}</span>
        {beside}
      </div>
      <Chooser
        shared={{
          "aria-label": `${title}: ${field.label}`,
          "aria-invalid": found.length > 0 || undefined,
          "data-field": field.name,
          disabled: own && !chosen,
          title: formula ? `${field.description} ${formula}` : field.description,
        }}
        words={words}
        value={chosen}
        none={none}
        called={called}
        change={(word) => change(word === "" ? null : word)}
      />
      <FaultNote faults={found} />
    </div>
  );
}

interface OptionsProps {
  details: LayerDetails;
  layer: { options: Record<string, unknown> };
  faults: Faults;
  path: string;
  title: string;
  ask: (wish: Wish) => void;
}

function Options({ details, layer, faults, path, title, ask }: OptionsProps) {
  const [open, setOpen] = useState(false);
  const wrong = isFaulty(faults, `${path}.options`);
  useEffect(() => {
    if (wrong) setOpen(true);
  }, [wrong]);
  const set = Object.entries(layer.options);
  return (
    <details
      class="lab-options"
      open={open || wrong}
      onToggle={(e) => setOpen(e.currentTarget.open)}
    >
      <summary>
        {details.options.length ? "Options" : "No options"}
        <span>
          {set.length ? `: ${set.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")}` : ""}
        </span>
      </summary>
      <div class="lab-entries">
        <OptionFields
          options={details.options}
          values={layer.options}
          path={`${path}.options`}
          of={title}
          {...{ faults, ask }}
        />
      </div>
      <p class="lab-caption">
        {details.paper}
        {details.reads && ` · reads ${details.reads}`}
      </p>
    </details>
  );
}

function Price({ part, stale }: { part: PartCost | undefined; stale: boolean }) {
  if (!part) return <span class="lab-price" />;
  return (
    <span class="lab-price" data-stale={stale || undefined}>
      {whole(part.parameters, "weight")} · {whole(part.multiply_adds, "multiply-add")} ·{" "}
      {whole(part.messages, "message")}
    </span>
  );
}

interface ToolsProps {
  round: number;
  count: number;
  most: number;
  ask: (wish: Wish) => void;
  focus: (round: number, tool: string) => void;
}

function Tools({ round, count, most, ask, focus }: ToolsProps) {
  const title = `round ${round + 1}`;
  const move = (to: number, tool: string) => {
    ask({ kind: "move", round, to });
    focus(to, tool);
  };
  const tools = [
    { tool: "up", sign: "↑", name: `Move ${title} up`, off: round === 0, act: () => move(round - 1, "up") },
    { tool: "down", sign: "↓", name: `Move ${title} down`, off: round === count - 1, act: () => move(round + 1, "down") },
    {
      tool: "copy",
      sign: "copy",
      name: `Copy ${title}`,
      off: count >= most,
      act: () => {
        ask({ kind: "copy", round });
        focus(round + 1, "copy");
      },
    },
    {
      tool: "remove",
      sign: "×",
      name: `Remove ${title}`,
      off: count === 1,
      act: () => {
        ask({ kind: "remove", round });
        focus(Math.min(round, count - 2), "remove");
      },
    },
  ];
  return (
    <span class="lab-place" role="group" aria-label={`Round ${round + 1}: place`}>
      {tools.map(({ tool, sign, name, off, act }) => (
        <button
          key={tool}
          type="button"
          class="lab-tool"
          data-tool={tool}
          aria-label={name}
          title={name}
          aria-disabled={off || undefined}
          onClick={() => off || act()}
        >
          {sign}
        </button>
      ))}
    </span>
  );
}
