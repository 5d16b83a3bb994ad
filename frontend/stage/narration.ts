// One plain sentence for every sub-step and selection: what is read aloud, too.
import { count, list, num } from "../shared/format";
import type { StepView } from "../shared/views";
import { reachOf } from "./heard";
import { bondName, edgeKind, isPair, partName, type Scene } from "./scene";
import { heardFrom, isMasters, names, nodeName, sender, sources, startsAtZero } from "./senders";
import { largestOf, loudestOf, nearestPropagation, type Focus } from "./selection";

export function narrate(scene: Scene, step: StepView, focus: Focus): string {
  const chapter = scene.view.chapters[step.chapter]!;
  const round = scene.view.rounds[step.round];
  const where = round ? [`Round ${round.number}`, ...named(scene, step)].join(", ") : chapter.title;
  return `${where}: ${sentence(scene, step, focus)}`;
}

/** "round 2 of 3 · message": where the timeline stands. */
export function place(scene: Scene, step: StepView): string {
  const round = scene.view.rounds[step.round];
  const chapter = scene.view.chapters[step.chapter]!;
  return round
    ? [`round ${round.number} of ${scene.view.rounds.length}`, ...named(scene, step)].join(" · ")
    : [...new Set([chapter.title.toLowerCase(), step.name])].join(" · ");
}

/** A step's name, after which of the round's propagations it belongs to, where there are several. */
function named(scene: Scene, step: StepView): string[] {
  return [scene.propagationOf(step)?.label ?? "", step.name].filter(Boolean);
}

function sentence(scene: Scene, step: StepView, focus: Focus): string {
  const name = nodeName(scene, focus.node);
  if (focus.node < 0) return "there are no atoms to listen to.";
  if (step.name === "pool") return pool(scene, step, focus, name);
  const whole = step.name === "readout" || step.name === "predict";
  if (!whole && !scene.crowd.there(focus.node, step.nodes)) return `${name} has dropped out: it has no state any more.`;
  switch (step.name) {
    case "features":
      return features(scene, step, name);
    case "project":
      return `one linear layer turns the features of ${name} into its first state of ${count(stateWidth(scene, step), "channel")}.`;
    case "gather":
      return gather(scene, focus, name);
    case "edge matrix":
      return edgeMatrix(scene, focus);
    case "attention":
      return attention(scene, focus, name);
    case "message":
      return message(scene, focus, name);
    case "aggregate":
      return aggregate(scene, step, focus, name);
    case "norm":
      return `what the layer gives ${name} is normalised; its size is now ${num(sizeAt(scene, step, focus))}.`;
    case "update":
      return update(scene, step, focus, name);
    case "jumping knowledge":
      return jumping(scene, step, name);
    case "edge update":
      return edgeUpdate(scene, focus, name);
    case "readout":
      return readout(scene, step);
    case "predict":
      return predict(scene);
  }
}

function jumping(scene: Scene, step: StepView, name: string): string {
  const rounds = count(scene.view.rounds.length, "round");
  const op = scene.has(step.state) ? scene.quantity(step.state).op : "";
  if (op === "concatenate") return `the states of ${name} after all ${rounds} are put end to end.`;
  if (op === "maximum") return `of the states of ${name} after all ${rounds}, the largest number of each channel is taken.`;
  return `the states of ${name} after all ${rounds} are added, each by the attention it is given.`;
}

function sizeAt(scene: Scene, step: StepView, focus: Focus): number {
  return scene.has(step.state) ? (scene.norms(step.state)[focus.node] ?? 0) : 0;
}

function stateWidth(scene: Scene, step: StepView): number {
  return scene.has(step.state) ? scene.width(scene.quantity(step.state)) : 0;
}

function features(scene: Scene, step: StepView, name: string): string {
  const atoms = scene.view.molecule.atom_labels.length;
  const width = scene.view.feature_names.length || stateWidth(scene, step);
  const start = `starts as ${count(width, "number")} that describe it`;
  if (atoms === 1) return `${name}, the only atom, ${start}.`;
  return `each of the ${atoms} atoms ${start}. ${name} knows only itself so far.`;
}

/** Who stays and who does not, where a round ends in a pooling. */
function pool(scene: Scene, step: StepView, focus: Focus, name: string): string {
  const { crowd, view } = scene;
  const [before, after] = [step.nodes - 1, step.nodes].map((p) => crowd.everyone(p).length) as [number, number];
  const atoms = view.rounds.some((r) => r.pool?.merges) ? "node" : "atom";
  if (!view.rounds[step.round]?.pool?.merges) {
    const fate = crowd.there(focus.node, step.nodes) ? "stays" : "drops out: others have a larger score";
    return `of ${count(before, atoms)} ${after} ${after === 1 ? "stays" : "stay"}. ${name} ${fate}.`;
  }
  const became = `${count(before, "node")} ${before === 1 ? "becomes" : "become"} ${after}.`;
  if (!crowd.there(focus.node, step.nodes)) return `${became} ${name} is in none of them.`;
  const members = crowd.members(focus.node, step.nodes).map((n) => view.node_labels[n]!);
  if (members.length < 2) return `${became} ${name} stays by itself.`;
  return `${became} ${list(members)} merge.`;
}

function readout(scene: Scene, step: StepView): string {
  const left = scene.crowd.everyone(step.nodes).length;
  const atoms = scene.view.molecule.atom_labels.length;
  const ordered = scene.view.chapters[step.chapter]!.ordered ? ORDERED : "";
  if (step.nodes > 0)
    return `the states of what is left, ${count(left, "node")}, are put together into one vector.${ordered}`;
  if (atoms === 1) return "the state of the only atom is made into one vector for the whole molecule.";
  return `the states of all ${atoms} atoms are put together into one vector for the whole molecule.${ordered}`;
}

/** Where a propagation along one type of bond leads nowhere. */
function ofThisType(focus: Focus, name: string): string | undefined {
  return focus.propagation?.relation ? `there is no bond of this type at ${name}.` : undefined;
}

function gather(scene: Scene, focus: Focus, name: string): string {
  if (!focus.incoming.length) return ofThisType(focus, name) ?? `nothing reaches ${name}: it has no neighbours.`;
  const { neighbours, self } = sources(scene, focus);
  if (!neighbours.length) return `${name} has no neighbours: it takes up its own state only.`;
  if (isMasters(scene, focus)) return `${name} collects the state of the master.${startsAtZero(scene, focus)}`;
  const several = neighbours.length + Number(self) > 1;
  return `${name} collects the ${several ? "states" : "state"} of ${names(scene, focus)}.`;
}

function edgeMatrix(scene: Scene, focus: Focus): string {
  const matrices = focus.propagation?.matrices;
  if (!matrices) return "this layer has no matrix of its own for each kind of bond.";
  const kinds = matrices.labels.length;
  const edge = [...focus.propagation!.role.data.keys()].some((e) => isPair(focus.propagation!, e)) ? "edge" : "bond";
  const made = `the network makes ${count(kinds, "matrix", "matrices")}, one for each kind of ${edge}`;
  const label = matrices.labels[focus.kind];
  if (label === undefined) return `${made}.`;
  const p = focus.propagation!;
  const ends = list([p.source, p.target].map((x) => scene.view.node_labels[x.data[focus.edge]!]!));
  return `${made}. Between ${ends} it is “${label}”.`;
}

function message(scene: Scene, focus: Focus, name: string): string {
  const { incoming } = focus;
  if (!incoming.length) return ofThisType(focus, name) ?? `${name} hears from nobody: no edge leads to it.`;
  if (isMasters(scene, focus)) {
    const size = num(scene.norms(focus.propagation!.messages)[incoming[0]!]!);
    return `from the master ${name} hears a message of size ${size}.${startsAtZero(scene, focus)}`;
  }
  if (incoming.length === 1) return `${name} hears only from ${sender(scene, focus, incoming[0]!)}.`;
  const from = list(heardFrom(scene, focus));
  const best = loudestOf(scene, focus.propagation!, incoming);
  const loud =
    best.length === 1
      ? `The loudest is ${sender(scene, focus, best[0]!).replace("itself", `${name} itself`)}.`
      : `The loudest, equally, are ${names(scene, focus, best)}.`;
  return `${name} hears from ${from}. ${loud}`;
}

function attention(scene: Scene, focus: Focus, name: string): string {
  const p = focus.propagation!;
  if (!p.weights || !focus.incoming.length) return `${name} weighs what it hears.`;
  const weights = scene.quantity(p.weights);
  const heads = scene.width(weights);
  const weight = (e: number) => {
    const row = scene.row(weights, e, p)!.values;
    return row.reduce((a, b) => a + b, 0) / heads;
  };
  const best = largestOf(focus.incoming, weight);
  const most = num(weight(best[0]!));
  const [what, who] = [p.weights_label || "weight", names(scene, focus, best)];
  const counted = weights.axes.at(-1) === "channel" ? "channel" : partName(weights);
  const mean = heads > 1 ? ` on average over ${heads} ${counted}s` : "";
  if (focus.incoming.length === 1) return `${name} has only ${who} to listen to: ${what} ${most}${mean}.`;
  const equally = best.length > 1 ? `, equally, the largest ${what}, ${most} each` : ` the largest ${what}, ${most}`;
  return `${name} gives ${who}${equally}${mean}.`;
}

const AGGREGATORS: Record<string, string> = {
  sum: "are summed",
  add: "are summed",
  mean: "are averaged",
  max: "compete channel by channel, and the largest wins",
};

const ORDERED = " This depends on the order of the atoms, which means nothing in a molecule.";

function aggregate(scene: Scene, step: StepView, focus: Focus, name: string): string {
  const p = nearestPropagation(scene, step)!;
  const n = focus.incoming.length;
  if (!n) return ofThisType(focus, name) ?? `no message reaches ${name}, so its sum stays empty.`;
  const how = AGGREGATORS[p.aggr] ?? `are put together (${p.aggr})`;
  if (n === 1) return `one message reaches ${name}, so nothing has to be put together.`;
  return `the ${n} messages into ${name} ${how}.${p.ordered ? ORDERED : ""}`;
}

function update(scene: Scene, step: StepView, focus: Focus, name: string): string {
  const round = scene.view.rounds[step.round]!;
  const state = scene.has(step.state) ? step.state : round.state_out;
  const [before, after] = [round.state_in, state].map((s) => scene.norms(s)[focus.node]);
  // A tower's own update, or a master's, leaves another state than the round.
  const whole = step.propagation < 0 || step.quantities.includes(round.state_out);
  const known = before !== undefined && after !== undefined && !Number.isNaN(before + after);
  const change = whole && known ? ` Its size goes from ${num(before)} to ${num(after)}.` : "";
  return `${newState(scene, step, state, focus, name)}${change} ${reachOf(scene, focus.node, step.round)}`.trimEnd();
}

/** A layer that has states for bonds, too. */
function edgeUpdate(scene: Scene, focus: Focus, name: string): string {
  if (focus.edge < 0) return `${name} has no bond whose state could change.`;
  const p = focus.propagation!;
  const ends = list([p.source, p.target].map((x) => scene.view.node_labels[x.data[focus.edge]!]!));
  return `the bond between ${ends} hears both its atoms, and changes its own state.`;
}

/** How the new state comes about. */
function newState(scene: Scene, step: StepView, state: string, focus: Focus, name: string): string {
  const { kind, undrawn } = scene.view.rounds[step.round]!;
  if (undrawn) return `the messages of ${kind} ${undrawn}; here is what comes out for ${name}.`;
  // An update that mixes has two things to mix: the old state, and what the layer gives.
  const mixes = !scene.has(state) || scene.quantity(state).args.length !== 1;
  if (!mixes) return `what the layer gives is the new state of ${name}.`;
  if (!focus.incoming.length) return `${name} has heard nothing: its state is worked out anew without a message.`;
  return `${name} mixes what it heard into its state.`;
}

function predict(scene: Scene): string {
  const { predictions, training } = scene.view.header;
  const said = predictions.map((p) => {
    const measured = p.measured === null ? "" : ` (measured ${num(p.measured)})`;
    return `${p.target} ${num(p.value)}${p.unit ? ` ${p.unit}` : ""}${measured}`;
  });
  const warning = training !== "untrained" ? "" : " The model is untrained: the number means nothing yet.";
  return `the model says ${list(said)}.${warning}`;
}

/** What an atom is called when the cursor or the pointer is on it. */
export function describeAtom(scene: Scene, atom: number): string {
  const { molecule } = scene.view;
  const words = molecule.atom_descriptions[atom];
  return words ? `${molecule.atom_labels[atom]}: ${words}` : molecule.atom_labels[atom]!;
}

/** What joins an atom without a bond to the one in the lens: " · virtual edge to C1", or "". */
export function pairNote(scene: Scene, { propagation: p, incoming, node }: Focus, atom: number): string {
  const source = scene.nodeOfAtom[atom]!;
  const edge = incoming.find((e) => p!.source.data[e] === source && isPair(p!, e));
  return edge === undefined ? "" : ` · ${edgeKind(scene, p!, edge)} to ${scene.view.node_labels[node]}`;
}

/** A set and its atoms: "ring C4..C9, a set of C4, C5 ...". */
export function describeSet(scene: Scene, set: number): string {
  const own = scene.crowd.atomsOf(set).map((a) => scene.view.molecule.atom_labels[a]!);
  return `${scene.view.node_labels[set]}: a set of ${list(own)}`;
}

export function describeBond(scene: Scene, bond: number): string {
  const { molecule } = scene.view;
  return molecule.bond_descriptions[bond] || `${bondName(scene, bond)}, ${molecule.bond_labels[bond]}`;
}
