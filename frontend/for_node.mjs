// How esbuild bundles what runs in node instead of a page: tests, and the sweep over views.
export const FOR_NODE = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".css": "empty", ".bin": "binary" },
  external: ["happy-dom"],
  sourcemap: "inline",
  logLevel: "warning",
};
