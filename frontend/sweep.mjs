// node sweep.mjs VIEW.bin ...: bundles stage/sweep.ts and runs it on these packed views.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FOR_NODE } from "./for_node.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = await mkdtemp(join(here, "node_modules", ".sweep-"));
try {
  const outfile = join(out, "sweep.mjs");
  await build({ ...FOR_NODE, absWorkingDir: here, entryPoints: ["stage/sweep.ts"], outfile });
  const args = ["--enable-source-maps", outfile, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
