"""The test bed: a virtual display with several monitors, folders of its own, and watchers that forgive nothing."""

import gc
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import hypothesis
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from controlroom import display, i18n
from tests.watch import LogWatch, ThreadWatch
from widgets.map_engine import prepare_web_engine

REPOSITORY = Path(__file__).resolve().parents[1]

# Set before the first QApplication and inherited by every child process of a test.
os.environ.setdefault("QT_API", "pyside6")
os.environ["QT_QUICK_BACKEND"] = "software"
if os.geteuid() == 0:
    os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"  # Chromium's sandbox refuses root, which containers often are

hypothesis.settings.register_profile("ci", derandomize=True, max_examples=60, deadline=None, database=None)
hypothesis.settings.register_profile("deep", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

VIRTUAL = pytest.StashKey[display.VirtualDisplay]()
FOLDER = pytest.StashKey[Path]()
TESTS = pytest.StashKey[int]()

WHOLE_EVERY = 50
"""Tests after which everything is collected, and not only what is young."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--given-display", action="store_true", help="use $DISPLAY instead of a virtual display")


def pytest_configure(config: pytest.Config) -> None:
    folder = Path(tempfile.mkdtemp(prefix="controlroom-tests-"))
    config.stash[FOLDER] = folder
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        os.environ[f"XDG_{kind}_HOME"] = str(folder / kind.lower())
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    (folder / "run").mkdir(mode=0o700)
    for name in [name for name in os.environ if name.startswith("CONTROLROOM_")]:
        del os.environ[name]
    gc.disable()
    watch = LogWatch()
    config.pluginmanager.register(watch, "log-watch")
    config.pluginmanager.register(ThreadWatch(), "thread-watch")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come last: they run the whole program in this process, which themes the application and starts the
    web engine, and what is tested alone should meet an application as it comes."""
    items.sort(key=lambda item: item.nodeid.startswith("tests/journeys/"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the display once it is known that something runs; it ends with this process, after Qt has let go of it."""
    config = session.config
    given = config.getoption("--given-display") or os.environ.get("QT_QPA_PLATFORM")
    if given or config.option.collectonly or not session.items:
        return
    if not display.can_be_virtual():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        return
    virtual = display.VirtualDisplay()
    virtual.start()
    display.enter(virtual)
    config.stash[VIRTUAL] = virtual


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Arguments of the one QApplication; the web engine demands shared contexts and its flags before it is created."""
    prepare_web_engine()
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    return ["controlroom-tests"]


@pytest.fixture(scope="session")
def log_watch(pytestconfig: pytest.Config) -> LogWatch:
    watch = pytestconfig.pluginmanager.get_plugin("log-watch")
    assert isinstance(watch, LogWatch)
    return watch


@pytest.fixture
def expect_log(log_watch: LogWatch) -> Callable[[str, str], AbstractContextManager[None]]:
    """`with expect_log("controlroom.video", "no such camera"):` demands the warning and forgives it; Qt's are `qt`."""
    return log_watch.expect


@pytest.fixture
def allow_log(log_watch: LogWatch) -> Callable[[str, str], None]:
    """`allow_log("controlroom.wire", "reconnect")` forgives such warnings until the end of the test."""
    return log_watch.allow


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """Every test starts in the default language."""
    yield
    i18n.set_language(i18n.DEFAULT_LANGUAGE)


@pytest.fixture(autouse=True)
def plain_application(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that themes the application leaves it as it was; journeys keep one room over several tests."""
    app = QApplication.instance()
    if not isinstance(app, QApplication) or "journeys" in request.node.nodeid:
        yield
        return
    palette, sheet, font = app.palette(), app.styleSheet(), app.font()
    yield
    if app.styleSheet() != sheet:
        app.setStyleSheet(sheet)
    if app.palette() != palette:
        app.setPalette(palette)
    if app.font() != font:
        app.setFont(font)


@pytest.fixture(autouse=True)
def nothing_left_to_delete(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test closed is gone before the next one begins: without a running event loop Qt keeps `deleteLater` for
    the end of the process, where a web view can no longer be taken down. Garbage is collected here, on the GUI's
    thread, and not on whichever thread of a test happens to allocate."""
    yield
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    count = request.config.stash[TESTS] = request.config.stash.get(TESTS, 0) + 1
    gc.collect(1 if count % WHOLE_EVERY else 2)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; skips where there is none."""
    for candidate in (REPOSITORY.parent / "shared" / "data", REPOSITORY.parents[1] / "shared" / "data"):
        if candidate.is_dir():
            return candidate
    pytest.skip("no real data: ../shared/data is absent")


class Monitors:
    """The monitors of the virtual display, to be plugged in and pulled out in a test.

    Qt hears of it a moment later: wait for `QGuiApplication.screenAdded` or `screenRemoved`. It lists screens in the
    order of their plugging, so find them by name.
    """

    def __init__(self, virtual: display.VirtualDisplay) -> None:
        self._virtual = virtual

    def names(self) -> list[str]:
        """The monitors that are plugged in; at the start of a test WALL-1, WALL-2 and WALL-3 from left to right."""
        return [monitor.name for monitor in sorted(self._virtual.monitors, key=lambda monitor: monitor.x)]

    def add(self, name: str, geometry: tuple[int, int, int, int]) -> None:
        """Plug a monitor in at (x, y, width, height) pixels of the X screen, which is 5760 by 1080."""
        self._virtual.plug(display.Monitor(name, *geometry))

    def remove(self, name: str) -> tuple[int, int, int, int]:
        """Pull a monitor out; returns its geometry, to plug it in again."""
        monitor = self._virtual.unplug(name)
        return monitor.x, monitor.y, monitor.width, monitor.height


@pytest.fixture
def monitors(pytestconfig: pytest.Config, qtbot: QtBot) -> Iterator[Monitors]:
    """Plug and unplug monitors; afterwards they are as they were."""
    virtual = pytestconfig.stash.get(VIRTUAL, None)
    if virtual is None or not virtual.monitors:
        pytest.skip("no virtual display whose monitors can be unplugged (needs Xvfb and xrandr)")
    before = list(virtual.monitors)
    yield Monitors(virtual)
    for monitor in [monitor for monitor in virtual.monitors if monitor not in before]:
        virtual.unplug(monitor.name)
    for monitor in [monitor for monitor in before if monitor not in virtual.monitors]:
        virtual.plug(monitor)
    expected = {monitor.name for monitor in before}
    qtbot.waitUntil(lambda: {screen.name() for screen in QApplication.screens()} == expected)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a disk of the size that is asked for (as "600k" or "4m"), which is really full when it is full."""
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        if subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True, check=False
        ).returncode:
            pytest.skip("no disk of the test's own can be mounted here (needs the right to mount)")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _bind(port: int = 0) -> socket.socket:
    probe = socket.socket()
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        probe.close()
        raise
    return probe


@pytest.fixture
def free_ports() -> Callable[[int], int]:
    """`free_ports(4)` is the first of four neighbouring ports of the loopback that nobody has just now."""

    def find(count: int) -> int:
        while True:
            held = [_bind()]
            first = int(held[0].getsockname()[1])
            try:
                held += [_bind(first + offset) for offset in range(1, count)]
            except (OSError, OverflowError):
                continue
            else:
                return first
            finally:
                for probe in held:
                    probe.close()

    return find


@pytest.fixture
def free_port(free_ports: Callable[[int], int]) -> int:
    """A port of the loopback that nobody has just now; binding 0 and asking is better where the code allows it."""
    return free_ports(1)
