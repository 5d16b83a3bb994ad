// The own options of a layer, or of the readout: one field each.
import type { FieldView } from "../shared/views";
import { Field } from "./Field";
import type { Faults } from "./faults";
import type { Wish } from "./outbox";

interface OptionFieldsProps {
  options: FieldView[];
  values: Record<string, unknown>;
  faults: Faults;
  /** Where they stand in the specification. */
  path: string;
  /** Whose they are, to a reader. */
  of: string;
  ask: (wish: Wish) => void;
}

export function OptionFields({ options, values, faults, path, of, ask }: OptionFieldsProps) {
  return (
    <>
      {options.map((option) => (
        <Field
          key={option.name}
          field={option}
          of={of}
          value={values[option.name]}
          faults={faults.get(`${path}.${option.name}`) ?? []}
          change={(value) => ask({ kind: "set", path: `${path}.${option.name}`, value })}
        />
      ))}
    </>
  );
}
