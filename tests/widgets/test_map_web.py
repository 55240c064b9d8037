"""The map's page, when its process dies or hangs and when what it is given is hostile."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from controlroom.domain.severity import Severity
from controlroom.mapping.layers import (
    AlarmMark,
    ColourClass,
    LayerPoint,
    LayerSpec,
    MapCentre,
    SensorState,
)
from tests.ways_out import HOSTILE, WAYS_OUT, Listener
from tests.widgets.map_pages import (
    HERE,
    RED,
    evaluate,
    one_sensor,
    shows,
    web,
)
from widgets.map_engine import web_surface
from widgets.map_painted import PaintedSurface
from widgets.map_view import MapView
from widgets.map_web import MOST_LOSSES, WebSurface


def test_a_killed_renderer_comes_back_as_it_was(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart, SensorState.RED)
    for name in ("air", "soil", "noise"):
        chart.add_layer(LayerSpec(id=name, title=name))
    chart.tree.move("noise", -2)
    chart.tree.fade("air", 0.5)
    chart.tree.show("soil", False)
    chart.tree.limit("noise", 12, 16)
    chart.set_alarms([AlarmMark("a", Severity.BLUE, HERE[0] + 0.004, HERE[1], "x")])
    qtbot.waitUntil(lambda: shows(chart, RED))
    centre = chart.scene.centre
    arranged = "[...controlroom.room.stack.held].map(([id, l]) => [id, l.on, l.opacity, l.rank])"
    before = evaluate(qtbot, chart, arranged)
    killed = time.monotonic()
    with (
        qtbot.waitSignal(chart.renderer_lost, timeout=10_000),
        qtbot.waitSignal(chart.ready, timeout=10_000),
    ):
        os.kill(web(chart).renderer_pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: shows(chart, RED), timeout=10_000)
    assert time.monotonic() - killed < 3.0
    assert evaluate(qtbot, chart, "[...controlroom.room.plugins.keys()]") == ["air", "soil", "noise"]
    assert evaluate(qtbot, chart, arranged) == before
    assert ["air", True, 0.5] in [row[:3] for row in before]
    assert evaluate(qtbot, chart, "document.querySelectorAll('.alarm').length") == 1
    after = chart.scene.centre
    assert after.zoom == centre.zoom
    assert (after.lon, after.lat) == pytest.approx((centre.lon, centre.lat), abs=1e-4)


def test_a_page_that_hangs_is_ended_and_comes_back(qtbot: QtBot, chart: MapView) -> None:
    with (
        qtbot.waitSignal(chart.renderer_lost, timeout=15_000),
        qtbot.waitSignal(chart.ready, timeout=20_000),
    ):
        web(chart).page.runJavaScript("for (;;) {}")


def test_a_renderer_that_keeps_dying_gives_way_to_the_painted_map(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart)
    for loss in range(MOST_LOSSES + 1):
        with (
            qtbot.waitSignal(chart.renderer_lost, timeout=10_000),
            qtbot.waitSignal(chart.ready, timeout=10_000),
        ):
            os.kill(web(chart).renderer_pid, signal.SIGKILL)
        assert isinstance(chart.surface, PaintedSurface) == (loss == MOST_LOSSES)
    assert "崩溃" in chart.toolbar.status.text()
    with qtbot.waitSignal(chart.object_selected) as selected:
        qtbot.mouseClick(chart.surface, Qt.MouseButton.LeftButton, pos=chart.surface.rect().center())
    assert selected.args == ["sensor", "s1"]


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.mark.parametrize("with_policy", [True, False])
def test_no_way_leads_out_of_the_page(
    qtbot: QtBot,
    chart: MapView,
    listener: Listener,
    allow_log: Callable[[str, str], None],
    with_policy: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allow_log("widgets.map_guard", "map page: ")
    surface = web(chart)
    if not with_policy:
        plain = surface._document().split(b'<meta http-equiv="Content-Security-Policy"', 1)
        bare = plain[0] + plain[1].split(b">", 1)[1]
        monkeypatch.setattr(surface.handler, "_document", lambda: bare)
        with qtbot.waitSignal(chart.ready, timeout=10_000):
            os.kill(surface.renderer_pid, signal.SIGKILL)
    pongs: list[int] = []
    surface.channel.pong_received.connect(pongs.append)
    surface.page.runJavaScript(WAYS_OUT.replace("HOST", f"127.0.0.1:{listener.port}"))
    qtbot.waitUntil(lambda: 4711 in pongs, timeout=15_000)
    assert surface.guard.blocked >= 8
    assert surface.page.url().host() == "app"
    assert listener.reached == 0


def test_hostile_names_are_shown_as_text_and_never_run(qtbot: QtBot, chart: MapView) -> None:
    one_sensor(chart, SensorState.RED)
    chart.set_sensors(["s1"], [HOSTILE], [HERE[0]], [HERE[1]], [SensorState.RED])
    chart.set_vehicles(["v"], [HOSTILE], [HOSTILE])
    chart.set_alarms([AlarmMark(HOSTILE, Severity.RED, HERE[0] + 0.002, HERE[1], HOSTILE)])
    chart.add_layer(
        LayerSpec(id=HOSTILE, title=HOSTILE, classes=(ColourClass(HOSTILE, "red;}</style>"),), unit=HOSTILE)
    )
    chart.update_layer(HOSTILE, [LayerPoint(HOSTILE, HOSTILE, HERE[0], HERE[1] + 0.002, 1.0)])
    chart.toolbar.legend.setChecked(True)
    chart.select("sensor", "s1")
    shown = "document.querySelector('.selected span')?.textContent"
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, shown) == HOSTILE)
    evaluate(qtbot, chart, "controlroom.tip.show(" + json.dumps(HOSTILE) + ", {x: 5, y: 5}) || 0")
    assert evaluate(qtbot, chart, "document.querySelector('.legend').textContent.includes('onerror')")
    assert evaluate(qtbot, chart, "[window.hit || 0, document.querySelectorAll('img[src=x]').length]") == [0, 0]
    assert web(chart).guard.blocked == 0


def test_an_inline_script_in_the_page_is_refused_by_its_policy(
    qtbot: QtBot, chart: MapView, expect_log: Callable[[str, str], Any]
) -> None:
    with expect_log("widgets.map_guard", "Content Security Policy|Executing inline"):
        script = "(() => { const s = document.createElement('script'); s.textContent = 'window.hit=1'; "
        evaluate(qtbot, chart, script + "document.body.append(s); return window.hit || 0; })()")
        assert evaluate(qtbot, chart, "window.hit || 0") == 0
        web(chart)


def test_a_batch_that_makes_no_sense_is_told_and_the_next_one_is_applied(
    qtbot: QtBot, chart: MapView, expect_log: Callable[[str, str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = web(chart)._feed
    take = feed._take
    answers = [b"junk", b"CRM1" + bytes(21), b""]
    monkeypatch.setattr(feed, "_take", lambda: answers.pop() if answers else take())
    with expect_log("widgets.map_guard", "could not apply a batch"):
        one_sensor(chart, SensorState.RED)
        qtbot.waitUntil(lambda: (feed.wake(), shows(chart, RED))[1], timeout=10_000)


def test_what_loading_left_over_is_given_back(qtbot: QtBot, chart: MapView) -> None:
    swept = "window.swept = 0, window.gc = () => (window.swept += 1), typeof controlroom.sweepSoon"
    assert evaluate(qtbot, chart, "typeof gc") == "function"
    assert evaluate(qtbot, chart, swept) == "function"
    one_sensor(chart)
    qtbot.waitUntil(lambda: evaluate(qtbot, chart, "window.swept") == 1, timeout=10_000)


def test_maps_open_and_close_without_a_word(qtbot: QtBot) -> None:
    for _round in range(3):
        view = MapView()
        with qtbot.waitSignal(view.ready, timeout=20_000):
            view.show()
        gone: list[bool] = []
        view.destroyed.connect(lambda _view, gone=gone: gone.append(True))
        view.close()
        view.deleteLater()
        qtbot.waitUntil(lambda gone=gone: bool(gone))


def test_without_the_pages_scripts_the_painted_map_says_why(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("widgets.map_scheme.path", lambda *_parts: tmp_path)
    view = MapView()
    qtbot.addWidget(view)
    assert isinstance(view.surface, PaintedSurface)
    assert "脚本" in view.toolbar.status.text()


def test_without_the_web_engine_there_is_a_sentence(chart: MapView, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ImportError("no QtWebEngineCore")

    monkeypatch.setattr("widgets.map_engine.importlib.import_module", missing)
    assert "网页引擎" in str(web_surface(chart.scene, chart._district, chart))


def test_a_blank_page_gives_way_to_the_painted_map(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("widgets.map_watchdog.LOOKS", 3)
    monkeypatch.setattr(WebSurface, "_sees_canary", lambda _self: False)
    view = MapView()
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: isinstance(view.surface, PaintedSurface), timeout=15_000)
    assert "空白" in view.toolbar.status.text()
    assert view.scene.centre == MapCentre(view.scene.centre.lon, view.scene.centre.lat, 11)
