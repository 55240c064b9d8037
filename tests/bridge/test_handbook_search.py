"""Help is found by Chinese, by pinyin, by initials and by English."""

import pytest

from controlroom.bridge.handbook_search import HandbookSearch
from controlroom.handbook.pages import handbook


@pytest.fixture(scope="module")
def search() -> HandbookSearch:
    book = handbook("zh_CN")
    made = HandbookSearch(book, book.keys_page())
    while made.work(1.0):
        pass
    return made


@pytest.mark.parametrize("text", ["搁置与停用", "gezhiyutingyong", "gzyty", "搁置 停用"])
def test_a_title_is_found_however_it_is_typed(search: HandbookSearch, text: str) -> None:
    assert search.find(text)[0].topic == "alarms#shelving"


def test_a_text_is_found_by_its_words_and_by_its_sound(search: HandbookSearch) -> None:
    by_word = search.find("espeak")
    assert by_word[0].topic == "faults#sound" and "espeak" in by_word[0].snippet
    assert "faults#sound" in [found.topic for found in search.find("yangshengqi")]  # 扬声器


def test_sounds_of_texts_wait_for_their_work_but_titles_do_not() -> None:
    made = HandbookSearch(handbook("zh_CN"))
    assert made.find("gzyty") and not made.find("yangshengqi")
    assert made.work(0.0)


def test_english_is_found_in_the_english_book() -> None:
    found = HandbookSearch(handbook("en")).find("guard tour")
    assert found[0].topic == "wall#tours"


def test_all_words_must_occur_and_nothing_finds_nothing(search: HandbookSearch) -> None:
    assert search.find("  ") == []
    assert search.find("搁置 没有这样的词") == []


def test_keys_are_found(search: HandbookSearch) -> None:
    assert any(found.topic.startswith("keys") for found in search.find("Ctrl+Alt+3"))
