// What the lab can do, in a few lines.

const PARTS: [name: string, does: string][] = [
  ["Molecule", "type or choose one, and turn it in 3D"],
  ["Build", "put the network together; the stage follows"],
  ["Step", "go through its messages, one step at a time; on a wide page 3D stands beside it"],
];
const HELD: [name: string, is: string][] = [
  ["lab.mol", "the molecule, an RDKit Mol; set it to a SMILES or a Mol"],
  ["lab.spec", "the network's specification, a ModelSpec"],
  ["lab.model", "the network with its weights"],
  ["lab.trace", "the run on stage"],
  ["lab.to_code()", "all of it as a plain PyG program, which prints the same prediction"],
];

export function About({ close }: { close: () => void }) {
  return (
    <section class="lab-about" aria-label="What the lab can do">
      <dl>
        {PARTS.map(([name, does]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="lab-quiet">From the next cell, where the lab is called lab: read these, or set them (all but the last).</p>
      <dl>
        {HELD.map(([name, is]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{is}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="lab-button" onClick={close}>
        Close
      </button>
    </section>
  );
}
