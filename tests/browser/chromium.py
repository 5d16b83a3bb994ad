"""The Chromium that the browser tests drive: ``python tests/browser/chromium.py`` installs one.

What counts, in this order: ``$CHROMIUM``, the browser that Playwright installs for itself, a
Chromium or Chrome on the path. Where there is none, Playwright is asked to fetch its own, and
where it cannot, the system's packages are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
    "--no-first-run",
]
if getattr(os, "geteuid", lambda: 1)() == 0:
    FLAGS.append("--no-sandbox")  # Chromium's sandbox refuses root, the usual user of a container


def find() -> str | None:
    """The path of a Chromium, or None where there is none."""
    if named := os.environ.get("CHROMIUM"):
        if not Path(named).is_file():
            raise SystemExit(f"CHROMIUM names {named}, which is no file. Unset it, or mend it.")
        return named
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).is_file():
        return own
    system = next(filter(None, map(shutil.which, NAMES)), None)
    return system or (str(MAC) if MAC.is_file() else None)


def install() -> None:
    """Fetch Playwright's own Chromium, or else the system's package."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        ways += [
            [*root, "apt-get", "update", "-q"],
            [*root, "apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"],
        ]
    for way in ways:
        print("+", " ".join(way), flush=True)
        try:
            subprocess.run(way, check=False, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"that did not work: {error}", flush=True)
        if find():
            return


def main() -> None:
    """Say which Chromium the tests take, after installing one where there is none."""
    if find() is None:
        install()
    path = find()
    if path is None:
        raise SystemExit(
            "The browser tests need a Chromium, and none could be installed.\n"
            "Install one (on Debian: apt-get install chromium) or name one: CHROMIUM=/path/to/it"
        )
    print(f"Chromium for the browser tests: {path}")


if __name__ == "__main__":
    main()
