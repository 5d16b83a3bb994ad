// Light or dark, as the page has it.

/** Whether the page is dark: JupyterLab, VS Code and Colab say so, else the system does. */
export function pageIsDark(): boolean {
  const { body, documentElement: html } = document;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false";
  if (/\bvscode-(dark|high-contrast)\b/.test(body.className)) return true;
  if (/\bvscode-light\b/.test(body.className)) return false;
  const said = html.getAttribute("theme") ?? html.dataset.theme;
  if (said === "dark" || said === "light") return said === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Calls back when the page may have changed its theme; returns the clean-up. */
export function watchTheme(changed: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = () => {
    changed();
    // JupyterLab sets the attribute before the new stylesheet has always arrived.
    clearTimeout(timer);
    timer = setTimeout(changed, 400);
  };
  const observer = new MutationObserver(later);
  const attributeFilter = ["class", "theme", "data-theme", "data-jp-theme-light", "data-jp-theme-name"];
  observer.observe(document.body, { attributes: true, attributeFilter });
  observer.observe(document.documentElement, { attributes: true, attributeFilter });
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", later);
  return () => {
    observer.disconnect();
    query.removeEventListener("change", later);
    clearTimeout(timer);
  };
}
