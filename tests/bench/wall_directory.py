"""The directory of 39,000 cameras: a search while one types, its opening, and what the officer's hands notice.

Baseline of the search: the same words in a QSortFilterProxyModel over a QStandardItemModel of the same texts.
"""

import dataclasses
import os
import random
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial

import msgspec
from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QSortFilterProxyModel, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication

from controlroom.bridge.camera_catalogue import Catalogue, make
from controlroom.bridge.camera_directory import CameraDirectory
from controlroom.display import has_display
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from tests.bench.report import Measure
from widgets.camera_browser import CameraBrowser

CAMERAS = 39_000
BATCH = 2_000
CHANGED = 1_000
STEP_S = 0.05
TOWNS = "黄村 西红门 旧宫 亦庄 瀛海 青云店 长子营 采育 礼贤 安定 榆垡 魏善庄 北臧村 庞各庄"
TYPED = ("h", "hc", "hczl", "路口", "西红门 公安", "1320000", "zhulu12")


def cameras(count: int = CAMERAS) -> dict[str, Camera]:
    """As many cameras as the district shares, in twenty towns and five departments."""
    towns = [f"{name}镇" for name in TOWNS.split()]
    places, owners = (
        ("主路", "路口", "下凹桥", "河道", "广场"),
        ("区公安分局", "区水务局", "区城市管理委", "区应急局", ""),
    )
    kinds = ("fixed", "dome", "half_dome", "steerable")
    made = {}
    for number in range(count):
        town = towns[number % len(towns)]
        identity = f"11011500001320{number:06}"
        made[identity] = Camera(
            id=identity,
            name=f"{town}{places[number % 7 % 5]}{number // len(towns):04}",
            url=f"rtsp://platform/{number}" if number % 9 else "",
            point=Point(116.2 + number % 211 / 500, 39.5 + number % 197 / 500),
            heading_deg=number * 5 % 360,
            town=town,
            department=owners[number % 11 % 5],
            kind=kinds[number % 4],
            health=CameraHealth.ONLINE if number % 25 else CameraHealth.OFFLINE,
        )
    return made


class _Told(QObject):
    """What tells of cameras, without a link."""

    room_reset = Signal()
    cameras_changed = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.room = Room()


def measure(quick: bool) -> list[Measure]:
    """Search, opening and stalls; needs no network."""
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _application = QApplication.instance() or QApplication([])
    held = cameras()
    began = time.perf_counter()
    catalogue = make(held, Catalogue(), lambda: None)
    made_ms = (time.perf_counter() - began) * 1e3
    times = 3 if quick else 15
    browser = CameraBrowser(held.get)
    browser.resize(480, 900)
    browser.show()
    opened = [_ms(partial(_open, browser, catalogue, turn)) for turn in range(2, 2 + times)]
    typed = [statistics.median(_ms(partial(_type, browser, words)) for _turn in range(times)) for words in TYPED]
    stock = _stock(held)
    theirs = [_ms(partial(stock.setFilterFixedString, words)) for words in TYPED]
    browser.hide()
    longest, told = stalls(held)
    slowest = TYPED[typed.index(max(typed))]
    return [
        Measure(
            "directory_search_ms",
            max(typed),
            "ms",
            max(theirs),
            f"39,000 cameras, {slowest!r}, the slowest of {len(TYPED)}, painted; stock: QSortFilterProxyModel, plain",
        ),
        Measure(
            "directory_open_ms",
            statistics.median(opened),
            "ms",
            None,
            f"tree of 39,000 by department, a node open, painted; the catalogue took a thread {made_ms:.0f} ms",
        ),
        Measure("directory_stall_ms", longest, "ms", 25.0, f"longest stall of the GUI while {told}; bound: the target"),
    ]


def stalls(held: Mapping[str, Camera]) -> tuple[float, str]:
    """The longest time in ms for which the event loop did not turn, and during what."""
    told = _Told()
    directory = CameraDirectory(told)
    browser = CameraBrowser(told.room.cameras.get)
    directory.changed.connect(lambda: browser.show_catalogue(directory.catalogue, directory.busy))
    browser.resize(480, 900)
    browser.show()
    directory.open()
    every, gaps = list(held.values()), [0.0]
    turned = time.perf_counter()
    steps = iter([*range(0, len(every), BATCH), *(-1 for _turn in range(20))])
    next_step, step_at = next(steps, None), turned
    while next_step is not None or directory.busy:
        now = time.perf_counter()
        gaps.append(now - turned)
        turned = now
        if next_step is not None and now - step_at > STEP_S:
            part = every[next_step : next_step + BATCH] if next_step >= 0 else random.sample(every, CHANGED)
            if next_step < 0:
                part = [msgspec.structs.replace(camera, health=CameraHealth.OFFLINE) for camera in part]
            told.room.cameras.update((camera.id, camera) for camera in part)
            told.cameras_changed.emit([camera.id for camera in part])
            browser.repaint_states()
            next_step, step_at = next(steps, None), time.perf_counter()
            turned = max(turned, now)
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        time.sleep(0.001)
    directory.close()
    browser.hide()
    return max(gaps) * 1e3, f"{len(every):,} are declared, {BATCH:,} at a time, and {CHANGED:,} change 20 times"


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def _open(browser: CameraBrowser, catalogue: Catalogue, turn: int) -> None:
    """Another shape, so that everything is laid out anew."""
    browser.show_catalogue(dataclasses.replace(catalogue, shape=turn), False)
    top = browser.model.index(0, 0)
    browser.tree.setExpanded(top, True)
    browser.tree.setExpanded(browser.model.index(0, 0, top), True)
    browser.grab()


def _type(browser: CameraBrowser, words: str) -> None:
    browser.search.setText(words)
    browser.grab()
    browser.search.blockSignals(True)
    browser.search.clear()
    browser.search.blockSignals(False)


def _stock(held: Mapping[str, Camera]) -> QSortFilterProxyModel:
    """What Qt offers for the same list."""
    source = QStandardItemModel()
    for camera in held.values():
        source.appendRow(QStandardItem(f"{camera.name} {camera.id} {camera.town} {camera.department}"))
    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(source)
    source.setParent(proxy)
    return proxy
