"""All settings as a table of a page of help, made from the settings themselves."""

from collections.abc import Callable

import msgspec

from controlroom.i18n import N_
from controlroom.settings import Settings


def settings_table(say: Callable[[str], str]) -> str:
    """Name, default and meaning of every setting, in Markdown; `say` translates."""
    head = [say(word) for word in (N_("Setting"), N_("Default"), N_("What it does"))]
    lines = [f"| {' | '.join(head)} |", "|---|---|---|"]
    for group in msgspec.structs.fields(Settings):
        for field in msgspec.structs.fields(group.type):
            lines.append(f"| `{group.name}.{field.name}` | {_shown(field.default)} | {say(_description(field.type))} |")
    return "\n".join(lines)


def _description(kind: object) -> str:
    """What the setting is for; in an annotation inside an annotation the innermost that says something."""
    found = ""
    for meta in getattr(kind, "__metadata__", ()):
        found = getattr(meta, "description", None) or found
    return found


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value}`" if value != "" else "—"
