"""What a command line names: a layout that there is, a host that is known."""

from pathlib import Path

import pytest

from controlroom.commands import named
from controlroom.commands.setup import Setup
from controlroom.errors import CommandLineFault
from controlroom.settings import Settings, folders


@pytest.mark.parametrize("name", ["nosuch", "../three", "three.toml", " "])
def test_a_layout_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandLineFault, match="three"):
        named.layout(name, Setup(settings=Settings(), folders=folders(tmp_path)))


def test_packaged_layouts_the_officers_own_and_none_are_taken(tmp_path: Path) -> None:
    setup = Setup(settings=Settings(), folders=folders(tmp_path))
    own = setup.folders.data / "layouts"
    own.mkdir(parents=True)
    (own / "night.toml").write_text("broken, which is told in the window with a fallback")
    assert [named.layout(name, setup) for name in ("three", "night", "")] == ["three", "night", ""]


@pytest.mark.parametrize("words", ["127.0.0.1", "localhost:7700", "tcp://127.0.0.1:7600"])
def test_an_address_is_taken_whether_a_hub_answers_there_or_not(words: str) -> None:
    assert named.hub(words) == words


@pytest.mark.parametrize(
    "words", ["rubbish.invalid", "tcp://:7600", "host:none", "host:99999", "", "a b", "x" * 300, "http://a:1", "a:1/b"]
)
def test_an_address_that_cannot_be_one_is_told(words: str) -> None:
    with pytest.raises(CommandLineFault):
        named.hub(words)
