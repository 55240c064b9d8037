"""Asks a hub's request socket where its ingest socket is."""

from urllib.parse import urlsplit

from controlroom.i18n import _
from controlroom.sources.connection import Connect, Connection, Stage
from controlroom.wire import codec
from controlroom.wire.messages import Denied, Hello, Request, Welcome

_RETRY_S = 0.25


class Location:
    """Finds the ingest socket, again and again until there is one. Lives on the client's thread."""

    def __init__(self, hub: str, realm: str, connect: Connect, timeout_s: float) -> None:
        self.sentence = ""
        self.connection: Connection | None = None
        self.hub = hub
        self._realm = realm
        self._connect = connect
        self._timeout_s = timeout_s
        self._asked = 0
        self._since = float("-inf")
        self._not_before = float("-inf")

    def step(self, now: float) -> tuple[str, str] | None:
        """The ingest endpoint and the hub's epoch once they are known; call often until then."""
        if self.connection is None:
            if now >= self._not_before:
                self._ask(now)
            return None
        stage = self.connection.watch()
        for frame in self.connection.receive():
            found = self._answer(frame)
            if found is not None:
                self.close()
                return found
        if stage in (Stage.LOST, Stage.REJECTED) or self.sentence or now - self._since >= self._timeout_s:
            self._not_before = now + _RETRY_S
            if stage is Stage.REJECTED:
                self.sentence = _("The hub does not accept our key; ask its keeper to allow it.")
            self.close()
        return None

    def close(self) -> None:
        """End the question."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def _ask(self, now: float) -> None:
        self.sentence = ""
        self._since = now
        self._asked += 1
        self.connection = self._connect(self.hub)
        self.connection.send(codec.encode(Request(id=self._asked, body=Hello(), realm=self._realm)))

    def _answer(self, frame: bytes) -> tuple[str, str] | None:
        try:
            reply = codec.reply(frame)
        except codec.MALFORMED:
            return None
        if isinstance(reply.body, Denied):
            self.sentence = reply.body.text
        elif isinstance(reply.body, Welcome) and reply.body.realm != self._realm:
            sentence = _("The hub serves {theirs}, this source is for {ours}.")
            self.sentence = sentence.format(theirs=reply.body.realm, ours=self._realm)
        elif isinstance(reply.body, Welcome):
            return f"tcp://{urlsplit(self.hub).hostname}:{reply.body.ingest_port}", reply.body.epoch
        return None
