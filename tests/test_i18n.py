"""Translation: the default is Chinese, English is the source, and a translation that lost a field is not used."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from controlroom import i18n

PART = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Alarms"
msgstr "告警"

msgid "{count} alarm"
msgid_plural "{count} alarms"
msgstr[0] "{count} 条告警"

msgid "untranslated"
msgstr ""

msgid "{name} is lost"
msgstr "{name} 已失联"
"""


@pytest.fixture
def catalogues(tmp_path: Path) -> Path:
    (tmp_path / "zh_CN").mkdir()
    (tmp_path / "zh_CN" / "b.po").write_text(PART)
    return tmp_path


def test_the_default_language_is_chinese() -> None:
    assert i18n.language() == "zh_CN"


def test_sentences_stand_after_each_other_as_the_language_writes_them() -> None:
    assert i18n.sentences("甲。", "", "乙。") == "甲。乙。"
    i18n.set_language("en")
    try:
        assert i18n.sentences("One.", "Two.") == "One. Two."
    finally:
        i18n.set_language(i18n.DEFAULT_LANGUAGE)


def test_the_parts_of_a_language_are_merged_and_the_first_wins(catalogues: Path) -> None:
    (catalogues / "zh_CN" / "a.po").write_text('msgid "Alarms"\nmsgstr "警报"\n')
    (catalogues / "zh_CN" / "c.po").write_text('msgid "Task"\nmsgstr "任务"\n')
    translation = i18n.load("zh_CN", catalogues)
    assert translation.gettext("Alarms") == "警报"
    assert translation.gettext("Task") == "任务"
    assert translation.ngettext("{count} alarm", "{count} alarms", 1) == "{count} 条告警"
    assert translation.gettext("untranslated") == "untranslated"


def test_english_is_the_source(catalogues: Path) -> None:
    translation = i18n.load("en", catalogues)
    assert translation.gettext("Alarms") == "Alarms"
    assert translation.ngettext("{count} alarm", "{count} alarms", 2) == "{count} alarms"


@pytest.mark.parametrize("wrong", ["已失联", "{nam} 已失联", "{name} {name} {other}", "{name", "{0} 已失联"])
def test_a_translation_with_other_fields_falls_back_to_the_source(
    wrong: str, catalogues: Path, expect_log: Callable[[str, str], AbstractContextManager[None]]
) -> None:
    (catalogues / "zh_CN" / "a.po").write_text(f'msgid "{{name}} was lost"\nmsgstr "{wrong}"\n')
    with expect_log("controlroom.i18n", "was lost.*other fields"):
        assert i18n.load("zh_CN", catalogues).gettext("{name} was lost") == "{name} was lost"


def test_the_language_can_be_changed_while_running() -> None:
    i18n.set_language("en")
    assert i18n.language() == "en"
    assert i18n._("Alarms") == "Alarms"
    assert i18n._n("{n} alarm", "{n} alarms", 1) == "{n} alarm"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="known are zh_CN, en"):
        i18n.set_language("tlh")
