// The keys, listed.

const KEYS: [keys: string[], does: string][] = [
  [["space"], "play or pause"],
  [[",", "."], "one step back, one step on"],
  [["←", "→", "Home", "End"], "on the timeline: step, first, last"],
  [["←", "↑", "→", "↓"], "on the molecule: to the neighbour in that direction"],
  [["Enter"], "on the molecule: select the atom"],
  [["b"], "on the molecule: select one of the atom's bonds, then the next"],
  [["Escape"], "select nothing"],
  [["←", "→"], "on a strip of numbers: spell out the next one"],
  [["?"], "show or hide this list"],
];

export function Help({ close }: { close: () => void }) {
  return (
    <div class="lab-pop lab-help" role="dialog" aria-label="Keys">
      <strong>Keys</strong>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
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
