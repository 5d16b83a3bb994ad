"""A page in place of the browser's, which sends the builder's wishes and keeps the replies."""

from __future__ import annotations


class Page:
    """A page that sends wishes and keeps the replies."""

    def __init__(self, builder, monkeypatch):
        self.builder, self.replies, self.number = builder, [], 0
        monkeypatch.setattr(builder, "send", lambda message, *_: self.replies.append(message))

    def ask(self, **wish):
        self.number += 1
        return self.raw({"id": self.number, **wish})

    def raw(self, message):
        before = len(self.replies)
        self.builder._handle_custom_msg(message, [])
        (reply,) = self.replies[before:]
        return reply

    def set(self, path, value):
        return self.ask(kind="set", path=path, value=value)

    @property
    def state(self):
        return self.builder._state

    @property
    def faults(self):
        return {fault["path"]: fault["what"] for fault in self.state["faults"]}
