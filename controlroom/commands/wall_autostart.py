"""`controlroom wall install`: has a display start by itself at every sign-in, by the desktop or by systemd."""

import argparse
import os
from pathlib import Path

from controlroom.children import program
from controlroom.commands.wall_keeper import words
from controlroom.domain.wall_memory import display_name
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

_DESKTOP = """\
[Desktop Entry]
Type=Application
Name=controlroom wall {name}
Exec={line}
Terminal=false
X-GNOME-Autostart-enabled=true
"""
_UNIT = """\
[Unit]
Description=controlroom wall {name}
After=graphical-session.target
StartLimitIntervalSec=0

[Service]
ExecStart={line}
Restart=always
RestartSec=2

[Install]
WantedBy=graphical-session.target
"""


def install(arguments: argparse.Namespace) -> list[str]:
    """Write the file and return what to tell. Raises EnvironmentFault."""
    file = _file(arguments)
    home = str(Path(arguments.home).absolute()) if arguments.home else ""
    line = program(*words(arguments, home), "--keep")
    quote = _unit_word if arguments.systemd else _desktop_word
    name = display_name(arguments.name, arguments.screen, arguments.monitor)
    form = _UNIT if arguments.systemd else _DESKTOP
    text = form.format(name=name, line=" ".join(quote(word) for word in line))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(
            _("{file} cannot be written ({reason}); correct the rights of this folder.").format(
                file=file, reason=error.strerror or error
            )
        ) from error
    told = [_("Written: {file}").format(file=file)]
    if arguments.systemd:
        told.append(
            _("Switch it on with: systemctl --user daemon-reload && systemctl --user enable --now {unit}").format(
                unit=file.name
            )
        )
    told.append(
        _(
            "It starts when this user signs in; have this machine sign the user in by itself, "
            "so that the wall is there again after a power cut."
        )
    )
    return told


def uninstall(arguments: argparse.Namespace) -> list[str]:
    """Take the file away and return what to tell."""
    file = _file(arguments)
    there = file.exists()
    file.unlink(missing_ok=True)
    return [_("Removed: {file}").format(file=file) if there else _("There was none: {file}").format(file=file)]


def _file(arguments: argparse.Namespace) -> Path:
    """Where the session looks for it (freedesktop.org Desktop Application Autostart Specification 0.5)."""
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    name = f"controlroom-wall-{display_name(arguments.name, arguments.screen, arguments.monitor)}"
    if arguments.systemd:
        return settings / "systemd" / "user" / f"{name}.service"
    return settings / "autostart" / f"{name}.desktop"


def _desktop_word(word: str) -> str:
    """A word of an Exec line: quoted, its signs escaped twice, as a string and as an argument (Desktop Entry 1.5)."""
    quoted = word.replace("%", "%%")
    for sign in ("\\", '"', "`", "$"):
        quoted = quoted.replace(sign, "\\" + sign)
    return '"' + quoted.replace("\\", "\\\\") + '"'


def _unit_word(word: str) -> str:
    """A word of an ExecStart line (systemd.service, "Command lines")."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
