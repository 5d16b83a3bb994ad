// Light or dark, followed in components, and the palette that goes with it.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";
import { readPalette, type Palette } from "./colour";
import { pageIsDark, watchTheme } from "./dark";

export { pageIsDark, watchTheme };

/** Whether the page is dark, followed as it changes. */
export function useDark(): boolean {
  const [dark, setDark] = useState(pageIsDark);
  useEffect(() => watchTheme(() => setDark(pageIsDark())), []);
  return dark;
}

/** The colours that the stylesheet gives the element, read again when the theme changes. */
export function usePalette(root: RefObject<HTMLElement | null>, dark: boolean): Palette | null {
  const [palette, setPalette] = useState<Palette | null>(null);
  useLayoutEffect(() => {
    const read = () => {
      if (!root.current?.isConnected) return;
      const next = readPalette(root.current);
      setPalette((old) => (old?.key === next.key ? old : next));
    };
    read();
    // A widget may be rendered before it is in the page: styles are known one frame later.
    const frame = requestAnimationFrame(read);
    const unwatch = watchTheme(read);
    return () => {
      cancelAnimationFrame(frame);
      unwatch();
    };
  }, [dark]);
  return palette;
}
