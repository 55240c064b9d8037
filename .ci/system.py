"""What the control room needs of a Debian system, and how it gets there."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass

RUNNING = "to run"
TESTING = "to test"


@dataclass(frozen=True)
class Need:
    """Debian packages of which one is enough; the first that the system offers is installed."""

    packages: tuple[str, ...]
    purpose: str
    required: bool = True


def _all(purpose: str, names: str, required: bool = True) -> list[Need]:
    return [Need(tuple(name.split("|")), purpose, required) for name in names.split()]


# What `ldd` finds missing for the libraries of PySide6 that are used, in a freshly installed Debian 12 and 13. Most of
# them come with others; each is named because Debian's dependencies between them are not ours to rely on.
NEEDS: tuple[Need, ...] = (
    # Qt itself.
    *_all(
        RUNNING,
        "libegl1 libgl1 libglib2.0-0t64|libglib2.0-0 libdbus-1-3 libfontconfig1 libfreetype6 libbrotli1 libx11-6",
    ),
    # Qt's platform for X11: without the cursor library 6.5 and later refuse to start.
    *_all(
        RUNNING,
        "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-util1 libxcb1 "
        "libxcb-glx0 libxcb-randr0 libxcb-render0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 "
        "libx11-xcb1 libxkbcommon0 libxkbcommon-x11-0",
    ),
    # Qt's web engine (Chromium), which shows the map.
    *_all(
        RUNNING,
        "libnss3 libnspr4 libasound2t64|libasound2 libdrm2 libgbm1 libxcb-dri3-0 libxcomposite1 libxdamage1 libxext6 "
        "libxfixes3 libxkbfile1 libxrandr2 libxtst6",
    ),
    # Qt's sound; without a server the room is mute and says so.
    *_all(RUNNING, "libpulse0"),
    # Chinese letters in their simplified forms, and a voice; the room starts without them and the doctor says so.
    *_all(RUNNING, "fonts-noto-cjk espeak-ng", required=False),
    # A display where there is none: the demo without a screen, the screenshots and the tests.
    *_all(TESTING, "xvfb openbox x11-xserver-utils", required=False),
    # A foreign video server for the journeys.
    *_all(
        TESTING,
        "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
        "gstreamer1.0-plugins-bad",
        required=False,
    ),
)


def missing(needs: tuple[Need, ...] = NEEDS) -> list[Need]:
    """The needs that no installed package meets; nothing where the system is no Debian."""
    if not shutil.which("dpkg-query"):
        return []
    names = [name for need in needs for name in need.packages]
    command = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *names]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    return [need for need in needs if not installed.intersection(need.packages)]


def privilege() -> list[str] | None:
    """The words before apt-get; None where this user may not install anything without being asked for a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(
            ["sudo", "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        if asked.returncode == 0:
            return ["sudo", "-n"]
    return None


def offered(needs: list[Need]) -> list[str]:
    """The package of each need that this release has; by its age where the lists of packages are still empty."""
    names = [name for need in needs for name in need.packages]
    command = ["apt-cache", "show", "--no-all-versions", *names]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    known = {line.split(": ", 1)[1].strip() for line in done.stdout.splitlines() if line.startswith("Package: ")}
    return [next((name for name in need.packages if name in known), by_age(need)) for need in needs]


def by_age(need: Need) -> str:
    """The first name on a release since the change to 64-bit times (Debian 13, Ubuntu 24), the last before it."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return need.packages[-1]
    since = {"debian": 13, "ubuntu": 24}.get(release.get("ID", ""), sys.maxsize)
    number = release.get("VERSION_ID", "0").split(".")[0]
    return need.packages[0 if number.isdigit() and int(number) >= since else -1]


def install(packages: list[str], words: list[str]) -> bool:
    """Install packages with apt; False where it failed. What apt writes goes to the terminal."""
    environ = ["env", "DEBIAN_FRONTEND=noninteractive"]
    command = [*words, *environ, "apt-get", "install", "--yes", "--no-install-recommends", "-q", *packages]
    sys.stdout.flush()
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


def refresh(words: list[str]) -> bool:
    """Read the lists of packages anew; a fresh system has none."""
    sys.stdout.flush()
    return subprocess.run([*words, "apt-get", "update", "-q"], stdin=subprocess.DEVNULL, check=False).returncode == 0
