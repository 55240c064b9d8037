"""A map's bar folds: what has no room is reached in its menu, also from the keyboard."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from controlroom.i18n import set_language
from widgets.map_view import MapView


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[MapView]:
    view = MapView(painted=True)
    qtbot.addWidget(view)
    view.resize(1400, 500)
    view.show()
    yield view
    view.close()
    set_language("zh_CN")


def entries(chart: MapView) -> dict[str, QAction]:
    bar = chart.toolbar._fold
    bar.menu.aboutToShow.emit()
    return {action.text(): action for action in bar.menu.actions()}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_map_of_320_pixels_keeps_its_tree_its_age_and_the_way_to_all_else(
    qtbot: QtBot, chart: MapView, language: str
) -> None:
    set_language(language)
    chart.toolbar.retranslate()
    bar = chart.toolbar._fold
    assert chart.minimumSizeHint().width() <= 320
    assert not bar.folded and not bar.more.isVisible()
    chart.resize(320, 400)
    qtbot.waitUntil(lambda: chart.width() == 320 and bar.more.isVisible())
    for kept in (chart.toolbar.tree, chart.toolbar.age, bar.more):
        assert kept.isVisible()
        assert chart.toolbar.rect().contains(kept.geometry())
        assert kept.width() >= kept.minimumSizeHint().width(), "nothing of it is cut"
    assert len(entries(chart)) == len(bar.folded) >= 12
    chart.resize(1400, 400)
    qtbot.waitUntil(lambda: not bar.more.isVisible())
    assert chart.toolbar.corroborate.isVisible() and not bar.folded


def test_the_menu_does_what_the_folded_buttons_do(qtbot: QtBot, chart: MapView) -> None:
    chart.resize(320, 400)
    qtbot.waitUntil(chart.toolbar._fold.more.isVisible)
    found = entries(chart)
    sensors = found[chart.toolbar.layers["sensors"].text()]
    assert sensors.isCheckable() and sensors.isChecked()
    sensors.trigger()
    assert not chart.tree.wish("sensors").shown
    assert not entries(chart)[chart.toolbar.layers["sensors"].text()].isChecked()
    home = chart.scene.centre
    chart.fly_to(116.0, 39.5)
    entries(chart)[chart.toolbar.home.accessibleName()].trigger()
    assert chart.scene.centre == home
    found = entries(chart)
    assert not found[chart.toolbar.corroborate.text()].isEnabled()
    assert found[chart.base.button.text()].menu() is chart.base.button.menu()


def test_the_keyboard_is_not_lost_when_its_button_folds(qtbot: QtBot, chart: MapView) -> None:
    chart.activateWindow()
    qtbot.waitUntil(chart.isActiveWindow)
    chart.toolbar.legend.setFocus()
    chart.resize(320, 400)
    qtbot.waitUntil(chart.toolbar._fold.more.hasFocus)
    assert chart.toolbar._fold.more.focusPolicy() is Qt.FocusPolicy.StrongFocus


def test_a_bare_bar_and_a_button_that_is_hidden_elsewhere_stay_so(qtbot: QtBot, chart: MapView) -> None:
    chart.base.button.hide()
    chart.resize(320, 400)
    qtbot.waitUntil(chart.toolbar._fold.more.isVisible)
    assert chart.base.button not in chart.toolbar._fold.folded
    chart.resize(1400, 400)
    qtbot.waitUntil(lambda: not chart.toolbar._fold.more.isVisible())
    assert not chart.base.button.isVisible()
    chart.toolbar.make_bare()
    chart.resize(320, 400)
    assert not chart.toolbar._fold.more.isVisible()
