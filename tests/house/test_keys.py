"""Keys of the room: none that a desktop takes for itself before the room could hear it."""

import re

from tests.house.tree import named, sources

_KEYS = re.compile(r"""["']((?:Ctrl|Alt|Shift|Meta)\+[^"'\s]{1,24})["']""")
_TAKEN = re.compile(
    r"""^(?:
        Ctrl\+Alt\+(?:T|L|D|Del|Delete|Backspace|Esc|Escape|Tab|Up|Down|Left|Right|F\d+)
        | Alt\+(?:Tab|F\d+|Space|Esc|Escape)
        | Ctrl\+Esc | Meta\+.*
    )$""",
    re.VERBOSE,
)
"""GNOME, KDE Plasma, Xfce, UKUI and the X server: terminal, lock, desktop, log out, workspaces, consoles, menus."""


def test_no_key_is_one_that_a_desktop_keeps_for_itself() -> None:
    wrong = [
        f"{named(file)}: {key}"
        for file in sources()
        for key in _KEYS.findall(file.read_text("utf-8"))
        if _TAKEN.match(key)
    ]
    assert not wrong, wrong


def test_the_keys_of_desktops_are_known() -> None:
    assert all(_TAKEN.match(key) for key in ("Ctrl+Alt+T", "Ctrl+Alt+L", "Alt+F4", "Ctrl+Alt+F3", "Meta+L"))
    assert not any(_TAKEN.match(key) for key in ("Ctrl+Shift+T", "Ctrl+Alt+1", "Alt+S", "F11"))
