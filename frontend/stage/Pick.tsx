// One of several, chosen from a list.

interface PickProps {
  label: string;
  /** Whether the label is there for those alone who cannot see what is chosen from. */
  unseen?: boolean;
  value: string | number;
  /** What is shown of each, by its key or place. */
  options: string[] | Record<string, string>;
  pick: (value: string) => void;
}

export function Pick({ label, unseen, value, options, pick }: PickProps) {
  return (
    <label>
      {!unseen && <span class="lab-quiet">{label} </span>}
      <select
        class="lab-select"
        aria-label={unseen ? label : undefined}
        value={String(value)}
        onChange={(e) => pick(e.currentTarget.value)}
      >
        {Object.entries(options).map(([key, title]) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
