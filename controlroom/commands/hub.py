"""`controlroom hub`: the hub as a process of its own."""

import argparse
import json
import sys
from pathlib import Path

from controlroom import __version__, children
from controlroom.clock import PlaybackClock, SystemClock
from controlroom.commands.arguments import port, ports, realm
from controlroom.commands.setup import Setup
from controlroom.district_data import DistrictData
from controlroom.domain.alarm_bands import decode_bands
from controlroom.drill.recorder import Recorder
from controlroom.drill.shelf import RECORDINGS, Shelf
from controlroom.hub.archive import SPARE_BYTES, Keeping
from controlroom.hub.district_rules import load_rules
from controlroom.hub.options import HubOptions
from controlroom.hub.server import Hub
from controlroom.i18n import _
from controlroom.store.history_shelf import Bounds
from controlroom.wire.messages import DRILL_PREFIX, LIVE
from controlroom.wire.sockets import ANY_PORTS, Ports


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the hub."""
    parser.add_argument("--bind", metavar="HOST", default="", help=_("address to listen on (127.0.0.1)"))
    parser.add_argument(
        "--port",
        type=port,
        default=None,
        help=_("first of four ports in a row (7600); 0 asks the system for free ones"),
    )
    parser.add_argument(
        "--ports", type=ports, default=None, help=_("the four ports by name: requests,events,telemetry,ingest")
    )
    parser.add_argument("--store", type=Path, metavar=_("FILE"), help=_("the store's file"))
    parser.add_argument("--realm", type=realm, default=LIVE, help=_("live, or drill/NAME for a drill"))
    parser.add_argument("--keys", type=Path, metavar=_("FOLDER"), help=_("keys, needed to listen beyond this machine"))
    parser.add_argument("--insecure", action="store_true", help=_("listen beyond this machine without encryption"))
    parser.add_argument("--record", type=Path, metavar=_("FILE"), help=_("record all that passes into this file"))
    parser.add_argument("--no-record", action="store_true", help=_("record nothing"))


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Run the hub until it is asked to end. Prints one line of JSON with its ports when it is ready."""
    ended = children.asked_to_end(arguments.exit_with_stdin)
    clock = PlaybackClock(SystemClock()) if arguments.realm.startswith(DRILL_PREFIX) else SystemClock()
    hub = Hub(options(arguments, setup), clock, recorder(arguments, setup))
    hub.start()
    sys.stdout.write(json.dumps({"ready": hub.ports._asdict(), "realm": arguments.realm}) + "\n")
    sys.stdout.flush()
    try:
        while not ended.wait(0.5):
            if hub.failed:
                return 70
    finally:
        hub.close()
    return 0


def data_folder(setup: Setup) -> Path:
    """Where the hub keeps its store and looks for the district's tables."""
    chosen = setup.settings.hub.data_dir
    return Path(chosen).expanduser() if chosen else setup.folders.data


def options(arguments: argparse.Namespace, setup: Setup) -> HubOptions:
    """How to run the hub, from the command line before the settings."""
    keys = arguments.keys or (Path(setup.settings.hub.keys_dir) if setup.settings.hub.keys_dir else None)
    data = data_folder(setup)
    store = arguments.store or data / "room.db"
    district = DistrictData(data)
    return HubOptions(
        store=store,
        host=arguments.bind or setup.settings.hub.host,
        ports=_ports(arguments, setup.settings.hub.port),
        realm=arguments.realm,
        keys=keys,
        insecure=arguments.insecure or setup.settings.hub.insecure,
        watch=True,
        bands=district.decoded("alarm_bands.toml", decode_bands),
        district=district,
        rules=load_rules(data),
        history=None if arguments.realm.startswith(DRILL_PREFIX) else keeping(store, setup),
    )


def keeping(store: Path, setup: Setup) -> Keeping:
    """Where the readings beside this store are kept, and how long."""
    history = setup.settings.history
    return Keeping(
        store.with_name(f"{store.stem}-history"),
        Bounds(
            days=history.days,
            minute_days=history.minute_days,
            summary_days=history.summary_days,
            hour_days=history.hour_days,
            max_bytes=history.max_mb * 1024**2,
        ),
        spare_bytes=SPARE_BYTES,
    )


def recorder(arguments: argparse.Namespace, setup: Setup) -> Recorder | None:
    """What keeps a recording: of a live hub always, unless the settings or the command line say no."""
    if arguments.record is not None:
        return Recorder(arguments.record, title="", realm=arguments.realm, program=__version__)
    if arguments.no_record or not setup.settings.record.enabled or arguments.realm.startswith(DRILL_PREFIX):
        return None
    max_bytes = setup.settings.record.max_mb * 1024**2
    shelf = Shelf(setup.folders.data / RECORDINGS, max_bytes)
    return Recorder(
        shelf.new_path(SystemClock().now()),
        title="",
        realm=arguments.realm,
        program=__version__,
        max_bytes=max_bytes // 8,
        following=lambda: shelf.new_path(SystemClock().now()),
    )


def _ports(arguments: argparse.Namespace, standard: int) -> Ports:
    if arguments.ports is not None:
        return Ports(*arguments.ports)
    first = standard if arguments.port is None else arguments.port
    return Ports(first, first + 1, first + 2, first + 3) if first else ANY_PORTS
