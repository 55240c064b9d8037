"""`controlroom help` prints pages, sections and keys, in both languages."""

from argparse import Namespace

import pytest

from controlroom import i18n
from controlroom.commands import help as help_command
from controlroom.errors import CommandLineFault


def told(subject: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert help_command.run(Namespace(subject=subject), None) == 0
    return capsys.readouterr().out


def test_without_a_subject_all_pages_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    listed = told("", capsys)
    assert "alarms         告警" in listed and "keys           快捷键" in listed


def test_a_page_is_named_by_its_name_or_title_and_a_section_by_its_anchor(capsys: pytest.CaptureFixture[str]) -> None:
    page = told("alarms", capsys)
    assert page == told("告警", capsys) and "Shift+S" in page and "**" not in page
    section = told("alarms#shelving", capsys)
    assert section.startswith("## 搁置") and section.strip() in page and "静默同类" not in section


def test_all_keys_are_printed_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    i18n.set_language("en")
    keys = told("keys", capsys)
    assert "| Silence the sound for 5 minutes | Ctrl+M |" in keys and "## Video wall" in keys


@pytest.mark.parametrize("subject", ["nonsense", "alarms#nonsense"])
def test_what_is_not_there_is_told_with_what_there_is(subject: str) -> None:
    with pytest.raises(CommandLineFault, match="processes"):
        help_command.run(Namespace(subject=subject), None)
