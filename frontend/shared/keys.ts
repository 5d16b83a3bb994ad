// Which keys are ours to hear: not those that move the focus or belong to browser and notebook.

/** A key without Ctrl, Cmd or Alt that is not Tab. */
export function isPlain(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Tab";
}
