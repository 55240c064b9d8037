"""A virtual display with several monitors, for machines that have none: the demo, the screenshots and the tests."""

import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

log = logging.getLogger(__name__)

WALL: tuple[tuple[int, int], ...] = ((1920, 1080), (1920, 1080), (1920, 1080))
"""Desk, map and wall: the monitors of the demo, in pixels."""

MM_PER_PIXEL = 25.4 / 96
START_S = 20.0
"""A loaded machine with two cores needed 4 s at worst."""

# The X server ends when our end of the pipe closes, so it cannot survive us, not even a kill -9.
_KEEPER = 'Xvfb -displayfd 1 -screen 0 "$1" -nolisten tcp -noreset & x=$!; exec >&-; cat >/dev/null; kill $x; wait $x'


@dataclass(frozen=True, slots=True)
class Monitor:
    """A RandR monitor: its name and its place on the X screen in pixels."""

    name: str
    x: int
    y: int
    width: int
    height: int


def has_display(environ: MutableMapping[str, str] = os.environ) -> bool:
    """Whether windows can be shown to a person."""
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def can_be_virtual() -> bool:
    """Whether the virtual X server is installed."""
    return shutil.which("Xvfb") is not None


class VirtualDisplay:
    """A private X server whose monitors can be plugged in and pulled out while windows are open.

    Without `xrandr` it has one monitor of the whole size; without `openbox` no window is ever resized by full screen.
    """

    def __init__(self, monitors: Sequence[tuple[int, int]] = WALL) -> None:
        self.name = ""
        """The value for DISPLAY, once started."""
        self._sizes = tuple(monitors)
        self._keeper: subprocess.Popen[bytes] | None = None
        self._window_manager: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.monitors: list[Monitor] = []
        """The monitors that are plugged in, in the order of their plugging."""
        self._owner = ""

    def start(self) -> None:
        """Start the server, its monitors from left to right (WALL-1, WALL-2 …) and the window manager.

        Raises EnvironmentFault where the server is not installed or does not start.
        """
        if not can_be_virtual():
            raise EnvironmentFault(
                _(
                    "This machine has no display and no virtual one: "
                    "install it with “apt-get install xvfb openbox x11-xserver-utils”."
                )
            )
        self._folder = tempfile.TemporaryDirectory(prefix="controlroom-display-", ignore_cleanup_errors=True)
        width, height = sum(w for w, _h in self._sizes), max(h for _w, h in self._sizes)
        errors = Path(self._folder.name, "xvfb.log")
        with errors.open("wb") as sink:
            self._keeper = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, "virtual-display", f"{width}x{height}x24"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                start_new_session=True,  # Ctrl+C goes to the application, which still needs its display to close
            )
        assert self._keeper.stdout is not None
        number = self._keeper.stdout.readline().decode().strip()
        self._keeper.stdout.close()
        if not number:
            reason = errors.read_text(errors="replace").strip().splitlines()[-1:] or [""]
            self.close()
            raise EnvironmentFault(_("The virtual display did not start: {reason}").format(reason=reason[0]))
        self.name = f":{number}"
        if shutil.which("xrandr"):
            left = 0
            for index, (monitor_width, monitor_height) in enumerate(self._sizes, start=1):
                self.plug(Monitor(f"WALL-{index}", left, 0, monitor_width, monitor_height))
                left += monitor_width
        if shutil.which("openbox"):
            self._manage_windows()

    def close(self) -> None:
        """End the server; whoever still has a window on it is cut off."""
        if self._keeper is not None:
            assert self._keeper.stdin is not None
            self._keeper.stdin.close()
            self._keeper.wait()
        if self._window_manager is not None:
            self._window_manager.wait()
        if self._folder is not None:
            self._folder.cleanup()
        self._keeper = self._window_manager = self._folder = None
        self.name = ""

    def plug(self, monitor: Monitor) -> None:
        """Plug a monitor in; one of them owns the only real output."""
        millimetres = (round(monitor.width * MM_PER_PIXEL), round(monitor.height * MM_PER_PIXEL))
        geometry = f"{monitor.width}/{millimetres[0]}x{monitor.height}/{millimetres[1]}+{monitor.x}+{monitor.y}"
        self._xrandr("--setmonitor", monitor.name, geometry, "none" if self._owner else "screen")
        self._owner = self._owner or monitor.name
        self.monitors.append(monitor)

    def unplug(self, name: str) -> Monitor:
        """Pull a monitor out and return what it was; KeyError where there is none of that name."""
        for monitor in self.monitors:
            if monitor.name == name:
                self._xrandr("--delmonitor", name)
                self.monitors.remove(monitor)
                self._owner = "" if self._owner == name else self._owner
                return monitor
        raise KeyError(name)

    def _xrandr(self, *arguments: str) -> None:
        done = subprocess.run(
            ["xrandr", "--display", self.name, *arguments], capture_output=True, text=True, check=False, timeout=START_S
        )
        if done.returncode:
            raise EnvironmentFault(
                _("The virtual display refused a monitor: {reason}").format(reason=done.stderr.strip())
            )

    def _manage_windows(self) -> None:
        assert self._folder is not None
        ready = Path(self._folder.name, "ready")
        environ = {**os.environ, "DISPLAY": self.name}
        self._window_manager = subprocess.Popen(
            ["openbox", "--sm-disable", "--startup", f"touch {ready}"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_S
        while not ready.exists() and self._window_manager.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if not ready.exists():
            log.warning("the window manager of the virtual display did not start; full screen may not fill a monitor")


def enter(display: VirtualDisplay, environ: MutableMapping[str, str] = os.environ) -> None:
    """Point this process and its children at the display."""
    environ["DISPLAY"] = display.name
    for other in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        environ.pop(other, None)


@contextmanager
def virtual_display(
    monitors: Sequence[tuple[int, int]] = WALL, environ: MutableMapping[str, str] = os.environ
) -> Iterator[VirtualDisplay]:
    """Run the block with windows going to a virtual display of these monitors, each (width, height) in pixels.

    Call it before the first QApplication and leave it after the last: Qt ends a process whose X server goes away.
    Raises EnvironmentFault where there is no virtual X server.
    """
    before = {key: environ.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    display = VirtualDisplay(monitors)
    display.start()
    try:
        enter(display, environ)
        yield display
    finally:
        for key, value in before.items():
            if value is None:
                environ.pop(key, None)
            else:
                environ[key] = value
        display.close()
