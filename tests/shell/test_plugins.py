import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from controlroom import i18n
from controlroom.domain.readings import Quality
from controlroom.domain.sensor import Sensor
from controlroom.shell.plugin_frame import PluginFrame
from controlroom.shell.plugins import PluginHost
from tests.shell.room_feed import RoomFeed
from widgets.card import Card

MANIFEST = """
id = "{id}"
api = 1
name = {{ en = "Dust", zh_CN = "扬尘" }}
department = {{ en = "Works", zh_CN = "住建委" }}
entry = "panel:Dust"
kinds = ["dust"]
panels = [{{ id = "main", title = {{ en = "Dust", zh_CN = "扬尘" }} }}]
layers = [
  {{ id = "points", title = {{ en = "Dust" }}, classes = [{{ label = {{ en = "Bad" }}, colour = "#ff0000" }}] }} ,
]
"""

GOOD = """
from PySide6.QtWidgets import QLabel


class Dust:
    def __init__(self, context):
        self.context = context
        self.labels = []
        self.clicked = 0
        context.on_readings([s.id for s in context.sensors()], self.told)

    def build(self, panel):
        label = QLabel("waiting")
        self.labels.append(label)
        return label

    def told(self, readings):
        for label in self.labels:
            label.setText(" ".join(f"{r.sensor}={r.value:.0f}" for r in readings))
"""

BROKEN = {
    "import": GOOD.replace("class Dust", "import no_such_module_anywhere\n\nclass Dust"),
    "syntax": GOOD.replace("class Dust:", "class Dust"),
    "exit": GOOD + "\nraise SystemExit(3)\n",
    "build": GOOD.replace('label = QLabel("waiting")', 'raise RuntimeError("no instrument")'),
    "no widget": GOOD.replace("return label", "return 7"),
    "instance": GOOD.replace("self.context = context", 'raise RuntimeError("no instrument")'),
    "show": GOOD.replace(
        'QLabel("waiting")', 'type("Bad", (QLabel,), {"showEvent": lambda self, event: 1 / 0})("waiting")'
    ),
    "layout": GOOD.replace(
        "class Dust",
        "class Bad(QLabel):\n    def sizeHint(self):\n        return int('x')\n\n\nclass Dust",
    ).replace("label = QLabel", "label = Bad"),
    "update": GOOD.replace("for label in self.labels", 'raise RuntimeError("odd reading")\n        for label in ()'),
}


def write(folder: Path, name: str, panel: str, manifest: str = MANIFEST) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "plugin.toml").write_text(manifest.format(id=name), encoding="utf-8")
    (folder / name / "panel.py").write_text(panel, encoding="utf-8")


@pytest.fixture
def feed() -> RoomFeed:
    i18n.set_language("en")
    feed = RoomFeed()
    feed.declare(Sensor(id="d1", name="North", kind="dust"), Sensor(id="w1", name="Well", kind="water"))
    return feed


@pytest.fixture
def hosts(feed: RoomFeed, tmp_path: Path) -> Iterator[list[PluginHost]]:
    made: list[PluginHost] = []
    yield made
    for host in made:
        host.close()
    for name in [name for name in sys.modules if name.startswith("plugins.")]:
        del sys.modules[name]


def start(hosts: list[PluginHost], feed: RoomFeed, folder: Path) -> PluginHost:
    host = PluginHost([folder], feed, feed.clock, feed.doors(), "en")
    host.install_hook()
    hosts.append(host)
    return host


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Callable[..., None]]:
    """Shows frames in a window that lives as long as the test."""
    held: list[QWidget] = []

    def show(*frames: PluginFrame) -> None:
        widget = QWidget()
        held.append(widget)
        rows = QVBoxLayout(widget)
        for frame in frames:
            rows.addWidget(frame)
        qtbot.addWidget(widget)
        with qtbot.waitExposed(widget):
            widget.show()

    yield show


def text(frame: PluginFrame) -> str:
    content = frame.content
    return content.text() if isinstance(content, QLabel) else ""


def test_a_plugin_is_offered_without_being_imported(hosts, feed, tmp_path):
    write(tmp_path, "dust", BROKEN["import"])
    host = start(hosts, feed, tmp_path)
    (offer,) = host.offers()
    assert (offer.kind, offer.title, offer.department) == ("plugin:dust.main", "Dust", "Works")
    assert "plugins.dust" not in sys.modules


def test_a_plugin_hears_of_its_own_kinds_only(qtbot, hosts, feed, tmp_path, window):
    write(tmp_path, "dust", GOOD)
    frame = start(hosts, feed, tmp_path).frame("plugin:dust")
    window(frame)
    feed.read({"w1": 3.0, "d1": 80.0})
    assert text(frame) == "d1=80"


def test_the_quality_of_a_reading_reaches_a_plugin(qtbot, hosts, feed, tmp_path, window):
    held = "self.context.reading(r.sensor).quality"
    write(tmp_path, "dust", GOOD.replace("{r.value:.0f}", f"{{r.value:.0f}}?{{r.quality}}{{{held}}}"))
    frame = start(hosts, feed, tmp_path).frame("plugin:dust")
    window(frame)
    feed.read({"d1": 80.0}, quality=int(Quality.OUT_OF_RANGE))
    assert text(frame) == "d1=80?33"


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_plugin_becomes_a_card_and_works_again_once_mended(qtbot, hosts, feed, tmp_path, fault, window):
    write(tmp_path, "dust", BROKEN[fault])
    write(tmp_path, "good", GOOD)
    host = start(hosts, feed, tmp_path)
    broken, good = host.frame("plugin:dust"), host.frame("plugin:good")
    window(broken, good)
    feed.read({"d1": 80.0})
    qtbot.waitUntil(lambda: isinstance(broken.content, Card))
    card = broken.content
    assert isinstance(card, Card)
    assert card.sentence.text().startswith("It ")
    assert card.details.toPlainText().startswith("Traceback")

    feed.read({"d1": 81.0})
    assert text(good) == "d1=81"

    write(tmp_path, "dust", GOOD)
    card.restart.click()
    feed.read({"d1": 82.0})
    assert text(broken) == text(good) == "d1=82"


def test_a_mended_plugin_that_breaks_again_is_a_card_again(qtbot, hosts, feed, tmp_path, window):
    write(tmp_path, "dust", BROKEN["build"])
    host = start(hosts, feed, tmp_path)
    frame = host.frame("plugin:dust")
    window(frame)
    host.restart("dust")
    assert isinstance(frame.content, Card)
    write(tmp_path, "dust", GOOD)
    host.restart("dust")
    assert text(frame) == "waiting"
    write(tmp_path, "dust", BROKEN["update"])
    host.restart("dust")
    feed.read({"d1": 1.0})
    assert isinstance(frame.content, Card)


def test_a_stopped_plugin_is_told_nothing_and_its_layer_is_empty(qtbot, hosts, feed, tmp_path, window):
    write(tmp_path, "dust", BROKEN["update"])
    host = start(hosts, feed, tmp_path)
    window(host.frame("plugin:dust"))
    with qtbot.waitSignals([host.failed], timeout=2000):
        feed.read({"d1": 80.0})
    assert feed.layers["dust.points"].marks == ()
    feed.read({"d1": 81.0})
    feed.tick()


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("id = 3", "cannot be used"),
        ("id = [", "cannot be used"),
        (MANIFEST.replace("api = 1", "api = 9"), "needs version 9"),
        (MANIFEST.replace('id = "{id}"', 'id = "other"'), "calls itself other"),
        (MANIFEST.replace("panel:Dust", "../panel:Dust"), "cannot be used"),
        (MANIFEST + "surprise = 1", "cannot be used"),
    ],
)
def test_a_bad_manifest_is_a_card_that_says_why(qtbot, hosts, feed, tmp_path, manifest, words, window):
    write(tmp_path, "dust", GOOD, manifest)
    frame = start(hosts, feed, tmp_path).frame("plugin:dust")
    window(frame)
    assert isinstance(frame.content, Card)
    assert words in frame.content.sentence.text()


def test_a_mended_manifest_is_read_at_restart(qtbot, hosts, feed, tmp_path, window):
    write(tmp_path, "dust", GOOD, MANIFEST.replace("api = 1", "api = 9"))
    frame = start(hosts, feed, tmp_path).frame("plugin:dust")
    window(frame)
    write(tmp_path, "dust", GOOD)
    assert isinstance(frame.content, Card)
    frame.content.restart.click()
    assert text(frame) == "waiting"


def test_a_panel_that_no_plugin_offers_is_a_card(qtbot, hosts, feed, tmp_path, window):
    frame = start(hosts, feed, tmp_path).frame("plugin:gone")
    window(frame)
    assert isinstance(frame.content, Card)
    assert "plugin:gone" in frame.content.sentence.text()


def test_a_failing_slot_is_the_plugins_and_another_error_is_the_crash_hooks(
    qtbot, hosts, feed, tmp_path, monkeypatch, window
):
    told = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: told.append(error))
    write(
        tmp_path,
        "dust",
        GOOD.replace("QLabel", "QPushButton").replace(
            'QPushButton("waiting")', 'QPushButton("waiting")\n        label.clicked.connect(lambda: 1 / 0)'
        ),
    )
    host = start(hosts, feed, tmp_path)
    frame = host.frame("plugin:dust")
    window(frame)
    with qtbot.waitSignal(host.failed):
        frame.content.click()
    assert isinstance(frame.content, Card)
    assert told == []
    try:
        raise RuntimeError("ours")
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert [str(error) for error in told] == ["ours"]


SLOW = GOOD.replace("for label in self.labels:", "self.context.spend()\n        for label in self.labels:")


def test_a_slow_plugin_is_told_so_and_hears_the_newest_once_a_second(qtbot, hosts, feed, tmp_path, monkeypatch, window):
    write(tmp_path, "dust", SLOW)
    host = start(hosts, feed, tmp_path)
    frame = host.frame("plugin:dust")
    cost = [0.05]
    monkeypatch.setattr(
        "controlroom.shell.plugin_context.HostedContext.spend",
        lambda self: feed.clock.advance(cost[0]),
        raising=False,
    )
    window(frame)
    with qtbot.waitSignal(host.slowed):
        for _ in range(20):
            feed.read({"d1": 1.0})
    notice = frame.findChild(QLabel, "plugin_notice")
    assert notice is not None and notice.isVisible() and "50 ms" in notice.text()
    feed.read({"d1": 2.0})
    feed.read({"d1": 3.0})
    assert text(frame) == "d1=1"
    feed.clock.advance(1.0)
    feed.read({"d1": 4.0})
    assert text(frame) == "d1=4"
    cost[0] = 0.001
    with qtbot.waitSignal(host.slowed):
        for _ in range(10):
            feed.clock.advance(1.0)
            feed.read({"d1": 5.0})
    assert not notice.isVisible()


def test_a_plugin_that_freezes_the_room_even_when_throttled_is_stopped(
    qtbot, hosts, feed, tmp_path, monkeypatch, window
):
    write(tmp_path, "dust", SLOW)
    host = start(hosts, feed, tmp_path)
    frame = host.frame("plugin:dust")
    monkeypatch.setattr(
        "controlroom.shell.plugin_context.HostedContext.spend", lambda self: feed.clock.advance(0.4), raising=False
    )
    window(frame)
    for _ in range(40):
        feed.clock.advance(1.0)
        feed.read({"d1": 1.0})
    assert isinstance(frame.content, Card)
    assert "400 ms" in frame.content.sentence.text()


def test_a_panel_that_fails_when_its_tab_is_chosen_is_a_card(qtbot, hosts, feed, tmp_path, window):
    write(
        tmp_path,
        "dust",
        GOOD.replace(
            "class Dust",
            "class Bad(QLabel):\n    def showEvent(self, event):\n        1 / self.isVisible().__class__(seen)\n\n\n"
            "seen = [1]\n\n\nclass Dust",
        ).replace("label = QLabel", "label = Bad"),
    )
    frame = start(hosts, feed, tmp_path).frame("plugin:dust")
    window(frame)
    assert text(frame) == "waiting"
    frame.hide()
    sys.modules["plugins.dust.panel"].seen.clear()
    frame.show()
    qtbot.waitUntil(lambda: isinstance(frame.content, Card))


def test_layers_are_kept_without_any_panel(qtbot, hosts, feed, tmp_path, window):
    with_layer = GOOD.replace(
        "self.labels = []",
        "self.labels = []\n        from controlroom.api import Mark, Point\n"
        '        context.map_layer("points").update([Mark(id="a", point=Point(116.3, 39.7), label="1")])',
    )
    write(tmp_path, "dust", with_layer)
    host = start(hosts, feed, tmp_path)
    host.start_layers()
    qtbot.waitUntil(lambda: "dust.points" in feed.layers)
    assert feed.layers["dust.points"].marks[0].id == "a"
    host.close()
    assert feed.layers["dust.points"].marks == ()
    hosts.clear()
