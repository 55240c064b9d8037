"""Anything is found by its Chinese name, its pinyin, its initials or its English words, and quickly."""

import time

import pytest

from controlroom.shell.palette import Index, Provider
from widgets.palette import Item

CAMERAS = [
    Item("camera", "cam-1", "黄村镇兴丰大街与清源路路口", "黄村镇"),
    Item("camera", "cam-2", "North Gate of 大兴区 Hospital"),
    Item("camera", "cam-3", "重庆路桥下", keywords="underpass"),
    Item("camera", "cam-4", "ＡＢＣ１２号机位"),
]


def finished(index: Index) -> Index:
    while index.work(1.0):
        pass
    return index


@pytest.fixture
def index() -> Index:
    made = Index()
    made.add(Provider("command", "命令", lambda: [Item("command", "quit", "退出", "Ctrl+Q")], lambda item: None))
    made.add(Provider("camera", "摄像机", lambda: CAMERAS, lambda item: None))
    return finished(made)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("清源路", ["cam-1"]),
        ("hcz", ["cam-1"]),
        ("HCZ", ["cam-1"]),
        ("huangcun", ["cam-1"]),
        ("xfdj", ["cam-1"]),
        ("hcz lukou", ["cam-1"]),
        ("north gate", ["cam-2"]),
        ("ngo", ["cam-2"]),
        ("daxing hosp", ["cam-2"]),
        ("chongqing", ["cam-3"]),
        ("cql", ["cam-3"]),
        ("UNDERPASS", ["cam-3"]),
        ("abc12", ["cam-4"]),
        ("cam-3", ["cam-3"]),
        ("tc", ["quit"]),
        ("nobody", []),
        ("黄村 桥", []),
    ],
)
def test_a_thing_is_found_by_any_of_its_names(index: Index, text: str, found: list[str]) -> None:
    assert [item.id for item in index.search(text)] == found


def test_new_items_are_found_by_their_characters_before_their_pinyin_is_known() -> None:
    index = Index()
    index.add(Provider("camera", "摄像机", lambda: CAMERAS, lambda item: None))
    assert [item.id for item in index.search("清源")] == ["cam-1"]
    assert index.search("qingyuan") == []
    finished(index)
    assert [item.id for item in index.search("qingyuan")] == ["cam-1"]


def test_items_that_went_are_no_longer_found_and_new_ones_are(index: Index) -> None:
    held = [Item("alarm", "a", "暴雨红色预警")]
    index.add(Provider("alarm", "告警", lambda: held, lambda item: None))
    assert index.search("暴雨") == held
    held[:] = [Item("alarm", "b", "暴雨橙色预警")]
    index.invalidate("alarm")
    assert [item.id for item in index.search("暴雨")] == ["b"]


def test_the_start_of_a_name_goes_before_its_middle() -> None:
    items = [Item("place", "1", "新黄村"), Item("place", "2", "黄村镇"), Item("place", "3", "黄村")]
    index = Index()
    index.add(Provider("place", "地点", lambda: items, lambda item: None))
    assert [item.id for item in finished(index).search("黄村")] == ["3", "2", "1"]
    assert [item.id for item in index.search("hc")] == ["3", "2", "1"]


def test_choosing_an_item_is_told_to_its_provider(index: Index) -> None:
    chosen: list[Item] = []
    index.add(Provider("place", "地点", lambda: [], chosen.append))
    index.choose(Item("place", "1", "黄村"))
    index.choose(Item("gone", "1", "nobody"))
    assert [item.id for item in chosen] == ["1"]


def test_an_empty_line_offers_the_first_items(index: Index) -> None:
    assert [item.id for item in index.search("  ", limit=2)] == ["quit", "cam-1"]


def test_forty_thousand_items_are_searched_within_the_time_of_a_keystroke() -> None:
    roads = ("兴丰大街", "清源路", "京开高速", "欣旺大街", "康庄路")
    items = [Item("camera", f"c{n}", f"{roads[n % 5]}{n}号杆", "黄村镇") for n in range(40_000)]
    index = Index()
    index.add(Provider("camera", "摄像机", lambda: items, lambda item: None))
    finished(index)
    for text in ("xfdj", "1", "qyl 39", "康庄", "nobody at all"):
        took = []
        for _turn in range(3):
            began = time.thread_time()
            index.search(text)
            took.append(time.thread_time() - began)
        # Twice the promise of 50 ms, and only what is worked: others may share the machine that runs the tests.
        assert min(took) < 0.1, text
