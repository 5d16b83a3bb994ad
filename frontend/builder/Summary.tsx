// What the network does, in words, and what it costs; what is wrong with it as a whole.
import type { BuilderState, FaultView } from "../shared/views";
import { FaultNote } from "./Field";
import type { Wish } from "./outbox";

interface Props {
  state: BuilderState;
  faults: FaultView[];
  refusal: string;
  ask: (wish: Wish) => void;
}

export function Summary({ state, faults, refusal, ask }: Props) {
  const wrong = state.faults.length > 0;
  return (
    <section class="lab-summary" aria-label="What it does">
      <p class="lab-words" data-stale={wrong || undefined}>
        {state.words}
      </p>
      <div class="lab-counts" role="status">
        {wrong ? (
          <span class="lab-unfit">
            <strong>Not a network yet.</strong> The last one stays in use; what is wrong is said at its field.{" "}
            <button type="button" class="lab-link" onClick={() => ask({ kind: "revert" })}>
              Go back
            </button>
          </span>
        ) : (
          <Counts state={state} />
        )}
        {state.notes.map((note) => (
          <span key={note} class="lab-remark">
            {note}.
          </span>
        ))}
        {refusal && <span class="lab-remark">{refusal}.</span>}
      </div>
      <FaultNote faults={faults} />
    </section>
  );
}

function Counts({ state: { cost, molecule } }: { state: BuilderState }) {
  if (!cost) return null;
  const rounds = cost.parts.filter((part) => part.name.startsWith("rounds."));
  const least = cost.complete ? "" : "at least ";
  return (
    <>
      <span>
        <b>{whole(cost.parameters)}</b> {cost.parameters === 1 ? "weight" : "weights"}
      </span>
      <span title="In matrix products; sums over neighbours and activations are not counted">
        {least}
        <b>{whole(cost.multiply_adds)}</b> multiply-adds for {molecule}
      </span>
      {cost.complete && (
        <span>
          <b>{perRound(rounds.map((part) => part.messages))}</b> messages a round
        </span>
      )}
    </>
  );
}

/** One number where all rounds send as many, else the least and the most. */
export function perRound(messages: number[]): string {
  const [least, most] = [Math.min(...messages), Math.max(...messages)];
  return least === most ? whole(least) : `${whole(least)} to ${whole(most)}`;
}

/** A whole number with its thousands apart, and what it counts. */
export function whole(number: number, noun = ""): string {
  const digits = number.toLocaleString("en-US");
  return noun ? `${digits} ${noun}${number === 1 ? "" : "s"}` : digits;
}
