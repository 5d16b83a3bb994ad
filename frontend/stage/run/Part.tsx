// A part of the whole-run page: its heading, what it shows in a sentence, and the thing itself.
import type { ComponentChildren } from "preact";
import { Formula } from "../Formula";

interface PartProps {
  /** For the page's tests and stylesheet. */
  name: string;
  title: string;
  hint: string;
  children: ComponentChildren;
}

export function Part({ name, title, hint, children }: PartProps) {
  return (
    <section class="lab-part" data-part={name} aria-label={title}>
      <h3 class="lab-heading">{title}</h3>
      <p class="lab-quiet lab-part-hint">
        <Formula text={hint} />
      </p>
      {children}
    </section>
  );
}
