// The keys, listed.

const KEYS: [string, string][] = [
  ["space", "play or pause"],
  [", and .", "one step back, one step on"],
  ["← → Home End", "on the timeline: step, first, last"],
  ["arrows", "on the molecule: to the neighbour in that direction"],
  ["Enter", "on the molecule: select the atom"],
  ["b", "on the molecule: select one of the atom's bonds, then the next"],
  ["Escape", "select nothing"],
  ["arrows", "on a strip of numbers: spell out the next one"],
  ["?", "show or hide this list"],
];

export function Help({ close }: { close: () => void }) {
  return (
    <div class="lab-pop lab-help" role="dialog" aria-label="Keys">
      <strong>Keys</strong>
      <dl>
        {KEYS.map(([key, does], k) => (
          <div key={k}>
            <dt>{key}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="lab-button" onClick={close}>
        Close
      </button>
    </div>
  );
}
