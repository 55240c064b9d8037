"""`controlroom keys`: makes the CURVE keys of a hub, a seat or a source."""

import argparse
import re
import sys
from pathlib import Path

from controlroom.commands.setup import Setup
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.wire import keys

_NAME = re.compile(r"\w[\w.-]{0,99}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of key making."""
    parser.add_argument("name", nargs="?", default="hub", help=_("“hub”, or the name of a seat or source"))
    parser.add_argument("--keys", type=Path, metavar=_("FOLDER"), help=_("where the keys lie"))
    parser.add_argument("--allow", action="store_true", help=_("let the hub of this folder accept the new key"))


def run(arguments: argparse.Namespace, setup: Setup) -> int:
    """Make one key pair; an existing one is never overwritten."""
    folder = arguments.keys or (
        Path(setup.settings.hub.keys_dir) if setup.settings.hub.keys_dir else setup.folders.data / "keys"
    )
    if not _NAME.fullmatch(arguments.name):
        raise EnvironmentFault(
            _("“{name}” cannot name a key; use letters, digits, dots and dashes.").format(name=arguments.name)
        )
    secret = folder / f"{arguments.name}.key_secret"
    made = keys.create(folder, arguments.name)
    if arguments.allow:
        keys.admit(folder, arguments.name)
    sys.stdout.write(_("Wrote {path}; the public key is {key}.").format(path=secret, key=made.public.decode()) + "\n")
    return 0
