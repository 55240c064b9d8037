"""What the words of a command line may be; each raises ArgumentTypeError with a sentence for what may not."""

import argparse
import re
from pathlib import Path

from controlroom.i18n import _
from controlroom.wire.messages import LIVE
from controlroom.wire.sockets import Ports

LAST_PORT = 65_535
_REALM = re.compile(r"drill/[a-z0-9-]{1,10}")


def port(text: str) -> int:
    """The first of four neighbouring ports; 0 asks the system for free ones."""
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= LAST_PORT - 3:
        raise argparse.ArgumentTypeError(
            _("“{text}” is no port; give a number from 1 to 65532, or 0").format(text=text)
        )
    return int(text)


def ports(text: str) -> Ports:
    """Four ports by name: requests,events,telemetry,ingest."""
    numbers = [int(word) for word in text.split(",") if word.isascii() and word.isdigit()]
    if len(numbers) != 4 or text.count(",") != 3 or max(numbers) > LAST_PORT:
        raise argparse.ArgumentTypeError(_("“{text}” is not four ports with commas between them").format(text=text))
    return Ports(*numbers)


def realm(text: str) -> str:
    """`live`, or `drill/NAME` of a drill."""
    if text != LIVE and not _REALM.fullmatch(text):
        raise argparse.ArgumentTypeError(
            _("“{text}” is no realm; write live, or drill/NAME with at most 10 of a–z, 0–9 and -").format(text=text)
        )
    return text


def add_keys(parser: argparse.ArgumentParser) -> None:
    """The options for a hub that demands keys."""
    parser.add_argument("--key", type=Path, metavar=_("FILE"), help=_("this seat's .key_secret, for a hub with keys"))
    parser.add_argument("--hub-key", type=Path, metavar=_("FILE"), help=_("the hub's public .key"))
