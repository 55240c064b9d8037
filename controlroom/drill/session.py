"""One run of a drill: which hub it gets, where its store lies, and the player's own process.

The seat that shows the drill is the parent of both: a hub of the realm `drill/<id>` with a store of its own that is
thrown away afterwards, and the player. All three end together.
"""

import contextlib
import shutil
import socket
import tempfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import zmq
from msgspec import Struct

from controlroom.clock import Clock
from controlroom.drill.player import Player
from controlroom.drill.recording import Recording
from controlroom.errors import LinkLost
from controlroom.i18n import _
from controlroom.wire import codec, sockets
from controlroom.wire.messages import DRILL_PREFIX, Hello, Request, Welcome

HELLO_S = 20.0
PORTS = 4


class DrillRun(Struct, frozen=True, kw_only=True):
    """The command lines of a drill's processes; the player's has `{hub}` where the hub's address goes."""

    realm: str
    hub_arguments: tuple[str, ...]
    player_arguments: tuple[str, ...]


@contextlib.contextmanager
def drill_run(recording: Path, *, speed: float, paused: bool) -> Iterator[DrillRun]:
    """Prepare a run of this recording; its store is thrown away at the end. Raises EnvironmentFault for a bad file."""
    Recording(recording).close()
    realm = f"{DRILL_PREFIX}{uuid.uuid4().hex[:8]}"
    folder = Path(tempfile.mkdtemp(prefix="controlroom-drill-"))
    # A path may have braces of its own, which would be taken for the place of the address.
    file = str(recording.absolute()).replace("{", "{{").replace("}", "}}")
    player = ["drill", "play", file, "--hub", "{hub}", "--realm", realm, "--speed", f"{speed:g}"]
    try:
        yield DrillRun(
            realm=realm,
            hub_arguments=(
                *("--realm", realm, "--store", str(folder / "drill.db"), "--no-record"),
                *("--bind", "127.0.0.1", "--ports", ",".join(map(str, free_ports()))),
            ),
            player_arguments=(*player, "--paused") if paused else tuple(player),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_ports() -> list[int]:
    """Four ports that nobody listens on now: a drill's hub that is started again must come back where it was."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _port in range(PORTS)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]


def welcome_of(hub: str, realm: str) -> Welcome:
    """Ask a hub at its request address for its ports. Raises LinkLost when it does not answer as a drill's hub."""
    context = sockets.Context()
    try:
        asking = sockets.client(context, zmq.DEALER, None, None)
        asking.connect(hub)
        asking.send(codec.encode(Request(id=1, body=Hello(), realm=realm)))
        if asking.poll(round(HELLO_S * 1000)):
            answer = codec.reply(asking.recv()).body
            if isinstance(answer, Welcome) and answer.realm == realm:
                return answer
    finally:
        context.destroy(linger=0)
    raise LinkLost(_("The hub at {address} does not answer as the hub of this drill.").format(address=hub))


def play(
    recording: Path, hub: str, realm: str, *, speed: float, paused: bool, clock: Clock, until: threading.Event
) -> str:
    """Play until `until` is set; returns why it ended before, in a sentence, empty when it did not.

    Raises EnvironmentFault for a bad file, LinkLost when the hub is not there.
    """
    opened = Recording(recording)
    try:
        welcome = welcome_of(hub, realm)
        host = hub.removeprefix("tcp://").rpartition(":")[0]
        player = Player(
            opened,
            realm=realm,
            ingest=f"tcp://{host}:{welcome.ingest_port}",
            events=f"tcp://{host}:{welcome.events_port}",
            clock=clock,
            playing=not paused,
            speed=speed,
        )
        player.start()
        while not until.wait(0.2) and not player.finished:
            pass
        player.close()
        return player.fault
    finally:
        opened.close()
