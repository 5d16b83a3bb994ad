// Bundles each widget into mpnn_lab/static, with the licences of what is bundled beside them.
import { build } from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packed } from "./pack.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "mpnn_lab", "static");
/** Bytes of what is sent. */
const LIMIT = {
  "stage.js": 150_000,
  "lab.js": 40_000,
  "lab_foot.js": 10_000,
  "builder.js": 40_000,
  "map.js": 30_000,
  "viewer3d.js": 650_000,
};

await mkdir(out, { recursive: true });
const common = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  minify: true,
  charset: "utf8",
  // Nested rules are written out for browsers that do not know them.
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  // 3Dmol is bundled from its sources: its shaders are text, its fields are set as its own build sets them.
  loader: { ".vert": "text", ".frag": "text" },
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  jsx: "automatic",
  jsxImportSource: "preact",
  metafile: true,
  logLevel: "warning",
};
const widgets = {
  stage: "stage/widget.ts",
  lab: "lab/widget.ts",
  lab_foot: "lab/foot.ts",
  builder: "builder/widget.ts",
  map: "map/widget.ts",
  viewer3d: "viewer3d/widget.ts",
};
const exported = { boot: "stage/boot.ts", page: "stage/page.ts" };
const results = [
  await build({ ...common, entryPoints: widgets, format: "esm" }),
  await build({ ...common, entryPoints: exported, format: "iife" }),
];
const outputs = Object.assign({}, ...results.map((r) => r.metafile.outputs));
const inputs = Object.assign({}, ...results.map((r) => r.metafile.inputs));

/** Widgets whose code is large enough that it pays to unpack it in the browser. */
const PACKED = ["stage.js", "viewer3d.js"];

for (const [path, info] of Object.entries(outputs)) {
  const name = path.split("/").at(-1);
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  let sent = info.bytes;
  if (PACKED.includes(name)) {
    const module = packed(await readFile(join(out, name), "utf8"));
    await writeFile(join(out, name), module);
    sent = Buffer.byteLength(module);
  }
  console.log(`${name}  ${kB(sent)}${sent === info.bytes ? "" : `, ${kB(info.bytes)} unpacked`}`);
  if (sent > (LIMIT[name] ?? Infinity)) {
    throw new Error(`${name} holds ${sent} bytes; the limit is ${LIMIT[name]}`);
  }
}

/** Folders of the packages whose code is in the bundles; one package may bring another of its own. */
function bundled(inputs) {
  const folders = Object.keys(inputs).map((p) => p.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]);
  return [...new Set(folders.filter(Boolean))].sort();
}

let notices = "The front end of mpnn_lab holds code of these packages, under their licences.\n";
for (const path of bundled(inputs)) {
  const folder = join(here, path);
  const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((f) => /^licen[cs]e/i.test(f));
  if (!file) throw new Error(`${path} is bundled but carries no licence file`);
  const text = (await readFile(join(folder, file), "utf8")).trim();
  notices += `\n${"=".repeat(72)}\n${about.name} ${about.version} (${about.license})\n\n${text}\n`;
}
await writeFile(join(out, "THIRD_PARTY_NOTICES.txt"), notices);
