"""`controlroom drill`: list recordings and replay them as drills."""

import argparse
import importlib
import sys
from datetime import timedelta
from pathlib import Path

from controlroom import children
from controlroom.clock import SystemClock
from controlroom.commands.arguments import realm
from controlroom.commands.setup import Setup
from controlroom.domain.times import from_ms
from controlroom.drill.session import play
from controlroom.drill.shelf import RECORDINGS, Shelf, Shelved
from controlroom.drill.transport import MAX_SPEED, MIN_SPEED
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of drills."""
    parser.add_argument(
        "action",
        choices=("replay", "list", "play"),
        help=_("replay a recording as a drill, list the recordings, or play one into a hub that runs already"),
    )
    parser.add_argument("file", nargs="?", type=Path, metavar=_("FILE"), help=_("the recording; list needs none"))
    parser.add_argument("--speed", type=_speed, default=1.0, help=_("pace at the start, 0.1 to 32"))
    parser.add_argument("--paused", action="store_true", help=_("wait for an officer to press play"))
    parser.add_argument("--layout", default="", metavar=_("NAME"), help=_("the layout to open"))
    parser.add_argument("--silent", action="store_true", help=_("without sound"))
    parser.add_argument("--hub", default="", metavar=_("ADDRESS"), help=_("for play: the drill's hub, tcp://host:port"))
    parser.add_argument("--realm", type=realm, default=None, help=_("for play: the realm of that hub, drill/NAME"))


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """List, replay or play."""
    shelf = Shelf(setup.folders.data / RECORDINGS, setup.settings.record.max_mb * 1024**2)
    if arguments.action == "list":
        sys.stdout.write(listing(shelf.shelved(), shelf.folder))
        return 0
    if arguments.file is None:
        raise EnvironmentFault(_("Name the recording; “controlroom drill list” tells which there are."))
    file = found(arguments.file, shelf.folder)
    if arguments.action == "play":
        return _play(arguments, file)
    # A player or a list carries no Qt; only a replay opens windows.
    return int(importlib.import_module("controlroom.commands.replay").replay(file, arguments, setup))


def found(file: Path, folder: Path) -> Path:
    """The recording as named, or the one of this name on the shelf."""
    return folder / file if not file.exists() and file.parent == Path() and (folder / file).exists() else file


def listing(shelved: list[Shelved], folder: Path) -> str:
    """The recordings as a table for the terminal, the newest first."""
    if not shelved:
        return _("There are no recordings in {folder} yet.").format(folder=folder) + "\n"
    lines = [str(folder)]
    for each in shelved:
        if each.info is None:
            lines.append(f"  {each.path.name}  {each.fault}")
            continue
        span = timedelta(seconds=(each.info.end_ms - each.info.begin_ms) // 1000)
        begin = f"{from_ms(each.info.begin_ms).astimezone():%Y-%m-%d %H:%M:%S}"
        text = _("{begin}, {span} long, {entries} entries, {size} MB")
        facts = text.format(begin=begin, span=span, entries=each.info.entries, size=round(each.size_bytes / 1e6, 1))
        marks = [each.info.title] if each.info.title else []
        if not each.info.closed:
            marks.append(_("being written, or cut off"))
        if each.info.dropped:
            marks.append(_("{count} entries could not be kept").format(count=each.info.dropped))
        lines.append(f"  {each.path.name}  " + "; ".join([facts, *marks]))
    return "\n".join(lines) + "\n"


def _play(arguments: argparse.Namespace, file: Path) -> int:
    if not arguments.hub or not arguments.realm:
        raise EnvironmentFault(_("Playing needs --hub and --realm of a drill's hub; “replay” starts one by itself."))
    ended = children.asked_to_end(arguments.exit_with_stdin)
    fault = play(
        file,
        arguments.hub,
        arguments.realm,
        speed=arguments.speed,
        paused=arguments.paused,
        clock=SystemClock(),
        until=ended,
    )
    if fault:
        raise EnvironmentFault(fault)
    return 0


def _speed(text: str) -> float:
    speed = float(text)
    if not MIN_SPEED <= speed <= MAX_SPEED:
        raise argparse.ArgumentTypeError(_("a speed is between 0.1 and 32"))
    return speed
