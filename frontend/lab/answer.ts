// What the kernel has said to the bar so far.

export interface Example {
  label: string;
  text: string;
}

export interface Choice {
  name: string;
  label: string;
  description: string;
}

export type Tab = "molecule" | "build" | "step";

export interface Fault {
  what: string;
  mend: string;
  text: string | null;
  position: number | null;
}

export interface Answer {
  text: string;
  examples: Example[];
  error: Fault | null;
  choices: Choice[];
  choice: string;
  note: string;
  /** What the molecule is called, and what the model was trained on. */
  title: string;
  run: string;
  tab: Tab;
  /** Counts up at each reply. */
  answered: number;
}
