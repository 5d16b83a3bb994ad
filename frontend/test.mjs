// Bundles every *.test.ts(x) into a temporary folder and hands them to node's own test runner.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FOR_NODE } from "./for_node.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const found = [];
for (const folder of ["shared", "stage", "lab", "builder", "map", "viewer3d"]) {
  for (const file of await readdir(join(here, folder), { recursive: true })) {
    if (/\.test\.tsx?$/.test(file)) found.push(join(folder, file));
  }
}
if (!found.length) throw new Error("no tests found");

// Inside the project, so that what stays external (happy-dom) is found; always removed.
const out = await mkdtemp(join(here, "node_modules", ".tests-"));
try {
  await build({
    absWorkingDir: here,
    entryPoints: found,
    outdir: out,
    outbase: here,
    outExtension: { ".js": ".mjs" },
    ...FOR_NODE,
  });
  const files = found.map((f) => join(out, f.replace(/\.tsx?$/, ".mjs")));
  const args = ["--enable-source-maps", "--test", ...process.argv.slice(2), ...files];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
