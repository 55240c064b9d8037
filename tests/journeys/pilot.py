"""A pilot drives the room as an officer would: real hub and simulator processes, real windows, keys and clicks."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import psutil
import qasync
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar, QTabWidget, QWidget

from controlroom import i18n
from controlroom.app import SeatApp, SeatOptions
from controlroom.clock import PlaybackClock, SystemClock
from controlroom.commands.setup import Setup
from controlroom.domain.alarm import Alarm
from controlroom.domain.room import Room
from controlroom.seat.status import LinkState
from controlroom.settings import folders, load
from controlroom.shell import theme
from tests.watch import LogWatch
from widgets.alarm_table import AlarmTable
from widgets.video_wall import VideoWall

Found = TypeVar("Found", bound=QWidget)

WAIT_S = 60.0
"""Generous: a machine with two cores may be busy with other things."""

LOOK_MS = 25
NO_KEY = Qt.KeyboardModifier.NoModifier
SMALL = ("--sensors", "120", "--cameras", "20", "--streams", "9", "--vehicles", "20")
"""A district that two cores can carry beside the tests."""


@contextmanager
def officers_loop(application: QApplication) -> Iterator[qasync.QEventLoop]:
    """The asyncio loop on Qt's, running for as long as the block does, so that tests may wait by `until`."""
    loop = qasync.QEventLoop(application, already_running=True)
    asyncio.events._set_running_loop(loop)
    try:
        yield loop
    finally:
        application.aboutToQuit.disconnect(loop._after_run_forever)
        loop._after_run_forever()
        # Not loop.stop(): it asks the application to quit, after which Qt starts no inner loop any more.
        loop._QEventLoop__is_running = False
        asyncio.events._set_running_loop(None)
        loop.close()
        asyncio.set_event_loop(None)


def until(true: Callable[[], Any], what: str = "", within_s: float = WAIT_S) -> None:
    """Let Qt and asyncio run until it is true; fails with `what` after `within_s`."""
    clock = SystemClock()
    end = clock.monotonic() + within_s
    loop, look, told = QEventLoop(), QTimer(interval=LOOK_MS), []

    def see() -> None:
        try:
            done = bool(true())
        except Exception as error:  # noqa: BLE001  # it belongs to the test, not to Qt's slot
            told.append(error)
            done = True
        if done or clock.monotonic() > end:
            loop.quit()

    look.timeout.connect(see)
    look.start()  # at least one turn: what was put off, such as deleting, is done now
    loop.exec()
    look.stop()
    if told:
        raise told[0]
    assert true(), f"within {within_s:g} s not: {what or true}"


def family() -> set[psutil.Process]:
    """All processes below this one that run the product."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        try:
            if (
                any(word.startswith("controlroom") for word in process.cmdline())
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.add(process)
        except psutil.NoSuchProcess:
            continue
    return found


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How the pilot opens a seat. Without `hub` it has a hub of its own."""

    home: Path
    layout: str = "three"
    hub: str = ""
    wall: str = "main"
    simulate: bool = True
    scenario: str = "calm"
    speed: float = 1.0
    more: tuple[str, ...] = SMALL
    hub_arguments: tuple[str, ...] = ("--port", "0")
    children: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def options(self) -> SeatOptions:
        """The options of the seat, with the settings that lie in its home."""
        places = folders(self.home)
        loaded = load(places)
        played = ("--scenario", self.scenario, "--speed", f"{self.speed:g}", *self.more)
        return SeatOptions(
            setup=Setup(settings=loaded.settings, folders=places, notices=loaded.notices),
            hub=self.hub,
            hub_arguments=self.hub_arguments,
            simulator_arguments=played,
            simulate=self.simulate,
            layout=self.layout,
            wall=self.wall,
            silent=True,
            extra_children=self.children,
        )


class Pilot:
    """One seat in this process. `open` and `close` are the officer's morning and evening."""

    def __init__(self, plan: Plan, watch: LogWatch) -> None:
        self.plan = plan
        self._watch = watch
        self.app: SeatApp

    def open(self) -> "Pilot":
        """Open the seat as `controlroom` does."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        options = self.plan.options()
        if i18n.language() != options.setup.settings.ui.language:
            i18n.set_language(options.setup.settings.ui.language)
        theme.apply(application, options.setup.settings.ui.theme)
        self.app = SeatApp(options, application, PlaybackClock(SystemClock()))
        self._watch.attach()  # the net has taken Qt's messages; here every one of them counts
        self.begun = SystemClock().monotonic()
        self.app.open()
        return self

    def close(self) -> None:
        """What `app.run` does once the last window is closed."""
        closing = asyncio.get_running_loop().create_task(self.app.close())
        until(closing.done, "the seat is closed")
        closing.result()
        self.app.net.close()
        self._watch.attach()
        self.app.deleteLater()
        del self.app
        until(lambda: True)

    def restart(self, **changes: Any) -> None:
        """End everything and open it again in the same home, in the same layout unless told otherwise."""
        self.close()
        self.plan = replace(self.plan, **changes)
        self.open()

    @property
    def hub(self) -> str:
        """Where further seats find the hub."""
        return self.app.address.requests

    @property
    def port(self) -> int:
        """The port of the hub's requests."""
        return int(self.hub.rpartition(":")[2])

    @property
    def room(self) -> Room:
        """What this seat knows."""
        return self.app.pump.room

    @property
    def age_s(self) -> float:
        """Seconds since the seat was opened."""
        return SystemClock().monotonic() - self.begun

    def pid(self, name: str) -> int:
        """The process of a child: `hub` or `simulator`; 0 while it is not there."""
        for child in self.app.family.children:
            if child.name == name and child.alive and child.process is not None:
                return child.process.pid
        return 0

    def kill(self, name: str) -> int:
        """`kill -9` a child; returns which process it was."""
        pid = self.pid(name)
        assert pid
        os.kill(pid, 9)
        return pid

    def live(self) -> bool:
        """Whether the seat says that it is equal to the hub."""
        return self.app.pump.status.state is LinkState.LIVE

    # ------------------------------------------------------------ what is seen

    @property
    def windows(self) -> dict[str, QWidget]:
        """The room's windows by their id."""
        return dict(self.app.windows.desk.windows)

    def all(self, kind: type[Found]) -> list[Found]:
        """Every panel or widget of a class, in the order of the windows."""
        return [found for window in self.windows.values() for found in window.findChildren(kind)]

    def one(self, kind: type[Found]) -> Found:
        """The first of them."""
        found = self.all(kind)
        assert found, f"no {kind.__name__} in {list(self.windows)}"
        return found[0]

    @property
    def table(self) -> AlarmTable:
        """The alarm table of the desk."""
        return self.one(AlarmTable)

    @property
    def wall(self) -> VideoWall:
        """The video wall."""
        return self.one(VideoWall)

    def told(self) -> str:
        """The sentence that stands in the windows now."""
        sentences = [window.notice.label.text() for window in self.app.windows.desk.windows.values()]
        return next((sentence for sentence in sentences if sentence), "")

    def live_tiles(self) -> int:
        """How many tiles show moving pictures."""
        return sum(view.is_moving for view in self.wall.views())

    def alarm(self, **wanted: Any) -> Alarm:
        """An alarm of the table with these attributes; the first listed."""
        held = (self.table.model.of(self.table.model.key(row)) for row in range(self.table.model.rowCount()))
        return next(a for a in held if a is not None and all(getattr(a, k) == v for k, v in wanted.items()))

    # ------------------------------------------------------------ hands

    def front(self, widget: QWidget) -> None:
        """Bring a widget's window to the front and the tabs that hide it."""
        window = widget.window()
        page: QWidget | None = widget
        while page is not None and page is not window:
            above = page.parentWidget()
            tabs = above.parentWidget() if above is not None else None
            if isinstance(tabs, QTabWidget) and tabs.indexOf(page) >= 0:
                tabs.setCurrentWidget(page)
            page = above
        window.show()
        window.raise_()
        window.activateWindow()
        until(lambda: window.isActiveWindow() and widget.isVisible(), "the window is in front")

    def press(self, widget: QWidget, key: Qt.Key, hold: Qt.KeyboardModifier = NO_KEY) -> None:
        """Focus a widget and press a key on it."""
        self.front(widget)
        widget.setFocus()
        target = widget.focusProxy() or widget
        until(lambda: QApplication.focusWidget() is not None, "something has the keyboard")
        QTest.keyClick(QApplication.focusWidget() or target, key, hold)

    def type(self, widget: QWidget, text: str) -> None:
        """Write into a field, as an input method for Chinese does."""
        self.front(widget)
        widget.setFocus()
        composed = QInputMethodEvent()
        composed.setCommitString(text)
        QApplication.sendEvent(widget, composed)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click with the left button, in the middle unless told where."""
        self.front(widget)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at if at is not None else widget.rect().center())

    def tab(self, bar: QTabBar, text: str) -> None:
        """Choose a tab by the beginning of its words."""
        titles = [bar.tabText(index) for index in range(bar.count())]
        index = next(index for index, title in enumerate(titles) if title.startswith(text))
        self.click(bar, bar.tabRect(index).center())

    def choose_alarm(self, alarm: str) -> None:
        """Click on the row of an alarm."""
        table = self.table
        until(lambda: table.model.row(alarm) >= 0, "the alarm is listed")
        self.front(table.rows)
        index = table.model.index(table.model.row(alarm), 1)
        table.rows.scrollTo(index)
        self.click(table.rows.viewport(), table.rows.visualRect(index).center())

    def close_windows(self) -> None:
        """Close one window after the other, as with the mouse."""
        for window in list(self.windows.values()):
            window.close()


def answers(texts: Sequence[str], *words: str) -> bool:
    """Whether one of the texts holds all the words."""
    return any(all(word in text for word in words) for text in texts)
