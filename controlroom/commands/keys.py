"""`controlroom keys`: makes the CURVE keys of a hub, a seat or a source."""

import argparse
import sys
from pathlib import Path

from controlroom.commands.setup import Setup
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.wire import keys


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
    secret = folder / f"{arguments.name}.key_secret"
    if secret.exists():
        raise EnvironmentFault(_("The key {path} exists already; move it away first.").format(path=secret))
    made = keys.create(folder, arguments.name)
    if arguments.allow:
        allowed = folder / "allowed"
        allowed.mkdir(exist_ok=True)
        (allowed / f"{arguments.name}.key").write_bytes((folder / f"{arguments.name}.key").read_bytes())
    sys.stdout.write(_("Wrote {path}; the public key is {key}.").format(path=secret, key=made.public.decode()) + "\n")
    return 0
