// Packs a module so that little is sent: a widget's code travels once for each widget on a page.
import { deflateRawSync } from "node:zlib";

/** A module that unpacks another one, and exports what that one does by default. */
export function packed(code) {
  const held = deflateRawSync(Buffer.from(code), { level: 9 }).toString("base64");
  return `const bytes = Uint8Array.from(atob("${held}"), (c) => c.charCodeAt(0));
const code = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
const url = URL.createObjectURL(new Blob([await new Response(code).arrayBuffer()], { type: "text/javascript" }));
const held = await import(url);
URL.revokeObjectURL(url);
export default held.default;
`;
}
