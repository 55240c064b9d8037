"""What `controlroom snapshot --every` plays is there to be played."""

from controlroom.commands import scenes
from tests.house.tree import sources


def test_every_dialog_of_the_scenes_is_an_action_of_the_room() -> None:
    written = "\n".join(file.read_text("utf-8") for file in sources())
    missing = [name for name in scenes.DIALOGS if not name.startswith("chart_") and f'"{name}",' not in written]
    assert not missing
    assert len(set(scenes.DIALOGS)) == len(scenes.DIALOGS)
