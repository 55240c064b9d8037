"""The handbook against the running room: its commands, their titles and keys, and what F1 opens."""

from pathlib import Path

from PySide6.QtGui import QAction

from controlroom import i18n
from controlroom.handbook import tables
from controlroom.handbook.pages import handbook
from tests.journeys.conftest import Opener
from tests.journeys.pilot import until

SOUND = {"silence": ("静音 5 分钟", ["Ctrl+M"]), "sound": ("声音：测试、静默、本席收听范围", ["Ctrl+Shift+M"])}
"""What a seat without sound, as the pilot's is, does not have."""


def test_the_tables_of_the_handbook_are_those_of_the_running_program(seat: Opener, tmp_path: Path) -> None:
    room = seat(tmp_path / "home", simulate=False)
    until(room.live)
    windows, book = room.app.windows, handbook(i18n.language())
    real = {a.objectName(): (a.text(), [key.toString() for key in a.shortcuts()]) for a in windows.actions.all()}
    written = {id: (book.command(id), list(held.keys)) for id, held in tables.keys().command.items()}
    whole = {**SOUND, **real}
    differing = {id for id in {*written, *whole} if written.get(id) != whole.get(id)}
    told = "put into resources/help/keys.toml, and on a page: "
    assert not differing, told + str({id: whole.get(id) for id in sorted(differing)})
    groups = {a.objectName(): str(a.property("group")) for a in windows.actions.all()}
    assert {id: book.say(tables.keys().command[id].group or "General") for id in real} == groups
    assert set(tables.contents().panels) == {*windows._kinds(), "plugin:"}
    shown = {box.panel.kind: box.body for window in room.windows.values() for box in window.tree.boxes}
    for kind, build in windows._kinds().items():
        body = shown.get(kind) or build({})
        held = {
            (action.text(), ", ".join(key.toString() for key in action.shortcuts()))
            for action in body.findChildren(QAction)
            if action.shortcuts() and action.text()
        }
        rows = {(book.say(row.title), row.keys) for row in tables.keys().panel.get(kind, ()) if row.title}
        assert rows == held, kind
        if kind not in shown:
            body.close()
            body.deleteLater()
    windows.bar.help.open("alarms")
    viewer = windows.bar.help.viewer
    assert viewer is not None and viewer.isVisible()
    until(lambda: windows.desk.reveal("alarms") and room.windows["desk"].isVisible())
