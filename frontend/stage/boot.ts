// The one script that an exported file runs as it stands: unpacks style, program and trace, and
// starts the program. Nothing is fetched.
import { fromText, inflate } from "./unpack";

/** What the program is handed. */
export interface Handed {
  trace: ArrayBuffer;
  element: HTMLElement;
  start: DOMStringMap;
}

async function unpacked(id: string): Promise<ArrayBuffer> {
  const { textContent, dataset } = document.getElementById(id)!;
  return inflate(fromText(textContent!, Number(dataset.bytes)));
}

async function boot(): Promise<void> {
  const element = document.getElementById("stage")!;
  try {
    const text = async (id: string) => new TextDecoder().decode(await unpacked(id));
    const [css, code, trace] = await Promise.all([text("style"), text("program"), unpacked("trace")]);
    document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
    const start = document.getElementById("trace")!.dataset;
    (globalThis as { mpnnLab?: Handed }).mpnnLab = { trace, element, start };
    document.body.append(Object.assign(document.createElement("script"), { textContent: code }));
  } catch (error) {
    const old = typeof DecompressionStream === "undefined";
    const why = old ? "this browser is too old to unpack it" : `it seems to be damaged (${(error as Error).message})`;
    element.textContent = `This file cannot be shown: ${why}.`;
  }
}

void boot();
