"""Runs code in a notebook's own kernel, through the Jupyter server and past the page."""

from __future__ import annotations

import json
import struct
import time
import uuid
from typing import Any
from urllib.request import Request, urlopen

import websocket


def ask(base: str, token: str, path: str, *, method: str = "GET", body: Any = None) -> Any:
    """One call of the server's REST interface; its JSON answer, or None where it says nothing."""
    request = Request(
        f"{base}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def decode(frame: str | bytes) -> dict[str, Any]:
    """The message of a frame, without its buffers.

    A message that carries buffers comes as one binary frame: the number of parts and where each
    begins, as big-endian 32-bit integers, then the parts, of which the first is the JSON.
    """
    if isinstance(frame, str):
        return json.loads(frame)
    (count,) = struct.unpack_from(">I", frame)
    starts = [*struct.unpack_from(f">{count}I", frame, 4), len(frame)]
    return json.loads(bytes(frame[starts[0] : starts[1]]))


class Kernel:
    """A second client of the kernel that runs the notebook at `path`."""

    def __init__(self, base: str, token: str, path: str) -> None:
        sessions = ask(base, token, "/api/sessions")
        (self.id,) = [s["kernel"]["id"] for s in sessions if s["path"] == path]
        self.session = uuid.uuid4().hex
        self.socket = websocket.create_connection(
            f"ws{base.removeprefix('http')}/api/kernels/{self.id}/channels"
            f"?session_id={self.session}",
            header={"Authorization": f"token {token}"},
            timeout=30,
        )

    def run(self, code: str, timeout: float = 60) -> str:
        """Execute `code` and return what it printed and, after that, its last value's text."""
        sent = self._send(code)
        printed, deadline = "", time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the kernel had not finished after {timeout:g} s: {code}")
            self.socket.settimeout(left)
            try:
                reply = decode(self.socket.recv())
            except websocket.WebSocketTimeoutException:
                continue
            if reply["parent_header"].get("msg_id") != sent:
                continue  # of the page's own client
            kind, content = reply["msg_type"], reply["content"]
            if kind == "stream":
                printed += content["text"]
            elif kind == "execute_result":
                printed += content["data"]["text/plain"]
            elif kind == "error":
                raise AssertionError("\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return printed.rstrip("\n")

    def value(self, expression: str, timeout: float = 60) -> Any:
        """The value of an expression that JSON can hold (``tensor.tolist()``, ``stage.step``)."""
        return json.loads(self.run(f"print(__import__('json').dumps({expression}))", timeout))

    def wait_for(self, expression: str, expected: Any, timeout: float = 15) -> None:
        """Wait until the kernel has heard of what the page did: until `expression` has this value.

        The page tells the kernel of a change on another connection than this one, a moment later.
        """
        deadline = time.monotonic() + timeout
        while (found := self.value(expression)) != expected:
            if time.monotonic() > deadline:
                raise AssertionError(f"{expression} stayed {found!r}, expected {expected!r}")
            time.sleep(0.05)

    def _send(self, code: str) -> str:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "username": "test",
            "session": self.session,
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
        self.socket.send(json.dumps(message | {"content": content, "buffers": []}))
        return header["msg_id"]

    def close(self) -> None:
        """Leave; the kernel goes on."""
        self.socket.close()
