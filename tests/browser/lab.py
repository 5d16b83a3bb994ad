"""A real JupyterLab for the browser tests, and a notebook opened in it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlparse

import nbformat
from playwright.sync_api import Browser, Page, Request

from tests.browser.kernel import Kernel, ask

APPUTILS = "@jupyterlab/apputils-extension"
WIDGET = "application/vnd.jupyter.widget-view+json"
RUN_ALL = "jupyterapp.commands.execute('notebook:run-all-cells')"
CELLS = "jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.toJSON())"
READY = "!!(window.jupyterapp && jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel)"


class Server:
    """One JupyterLab on a free port, with folders of its own for everything it writes."""

    def __init__(self, home: Path) -> None:
        self.root, self.token = home / "root", uuid.uuid4().hex
        self.log = home / "jupyter.log"
        folders = {f"JUPYTER_{n}_DIR": home / n.lower() for n in ("CONFIG", "DATA", "RUNTIME")}
        folders["JUPYTERLAB_SETTINGS_DIR"] = self.settings = home / "settings"
        folders["JUPYTERLAB_WORKSPACES_DIR"] = home / "workspaces"
        for folder in (self.root, *folders.values()):
            folder.mkdir(parents=True)
        self._set("notification", fetchNews="false", checkForUpdates=False)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *(f"--port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"),
            *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}"),
            *("--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"),
        ]
        env = {**os.environ, **{name: str(folder) for name, folder in folders.items()}}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        self._wait()

    def theme(self, name: str) -> None:
        """Choose "light" or "dark" for the pages opened from now on."""
        self._set("themes", theme={"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[name])

    def ask(self, path: str, **how: Any) -> Any:
        """One call of the server's REST interface."""
        return ask(self.base, self.token, path, **how)

    def stop(self) -> None:
        """End the server and the kernels it still has."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _set(self, plugin: str, **values: Any) -> None:
        path = self.settings / APPUTILS / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def _wait(self) -> None:
        for _ in range(240):
            if self.process.poll() is not None:
                break
            try:
                self.ask("/api/status")
                return
            except URLError:
                time.sleep(0.25)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")


class Notebook:
    """A notebook of `sources`, opened in a workspace of its own and run to its end.

    Attributes
    ----------
    page : Page
        Playwright's page.
    kernel : Kernel
        Runs code where the cells ran: ``kernel.run(code)``, ``kernel.value(expression)``.
    problems : list of str
        What must not happen in any test: errors of the page, requests to another host.
    """

    def __init__(
        self, server: Server, browser: Browser, sources: Sequence[str], *, theme: str = "light",
        width: int = 1280, height: int = 1000, timeout: float = 120, reduced_motion: bool = False,
    ) -> None:  # fmt: skip
        self.server, self.problems = server, []
        name = f"{uuid.uuid4().hex[:8]}.ipynb"
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        file = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
        nbformat.write(file, server.root / name)
        server.theme(theme)
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="reduce" if reduced_motion else "no-preference",
        )
        self.page: Page = self.context.new_page()
        self.page.on("request", self._requested)
        self.page.on("websocket", lambda ws: self._host(ws.url))
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("dialog", self._dialog)
        workspace = name.removesuffix(".ipynb")
        self.page.goto(f"{server.base}/lab/workspaces/{workspace}/tree/{name}?token={server.token}")
        self.page.wait_for_function(READY, timeout=60_000)
        self.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
        self.kernel = Kernel(server.base, server.token, name)
        self._run_all(timeout)

    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells as they are now, as nbformat has them."""
        return self.page.evaluate(CELLS)

    def check(self) -> None:
        """Fail if a cell raised, a widget is missing, the page failed or asked another host."""
        for number, cell in enumerate(self.cells()):
            for output in cell.get("outputs", []):
                if output["output_type"] == "error":
                    self.problems.append(f"cell {number}: {output['ename']}: {output['evalue']}")
        missing = self.page.locator("text=/Error displaying widget|Failed to load model class/")
        self.problems += missing.all_inner_texts()
        assert not self.problems, "\n".join(dict.fromkeys(self.problems))

    def close(self) -> None:
        """Close the page and end the kernel."""
        self.kernel.close()
        self.context.close()
        running = {kernel["id"] for kernel in self.server.ask("/api/kernels")}
        if self.kernel.id in running:  # a test may have ended it
            self.server.ask(f"/api/kernels/{self.kernel.id}", method="DELETE")

    def _run_all(self, timeout: float) -> None:
        self.page.set_default_timeout(15_000)
        self.page.evaluate(
            f"window.finished = false; {RUN_ALL}.finally(() => {{ window.finished = true; }}); null"
        )
        self.page.wait_for_function("window.finished", timeout=timeout * 1000)
        self.page.wait_for_function(
            """type => [...document.querySelectorAll(`[data-mime-type="${type}"]`)].every(
                output => output.childElementCount && !/Loading widget/.test(output.innerText)
            )""",
            arg=WIDGET,
            timeout=30_000,
        )
        self.check()

    def _requested(self, request: Request) -> None:
        self._host(request.url)

    def _host(self, url: str) -> None:
        parts = urlparse(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            self.problems.append(f"asked another host: {url[:200]}")

    def _dialog(self, dialog: Any) -> None:
        self.problems.append(f"opened a dialog: {dialog.message}")
        dialog.dismiss()
