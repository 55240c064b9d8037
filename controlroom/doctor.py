"""The doctor: one line for each thing the room needs, ok or what to do.

Whatever could crash is asked of a child process (`controlroom.probes`), so the doctor always finishes.
"""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TextIO

import av
import av.codec.hwaccel
from msgspec import Struct

import resources
from controlroom import display, settings
from controlroom.district_data import DistrictData
from controlroom.domain.times import EPOCH
from controlroom.errors import EnvironmentFault
from controlroom.i18n import N_, _, _n
from controlroom.settings import Folders, Settings
from controlroom.store.history_shelf import held_in

PATIENCE_S = 60.0
"""For one child process; a cold start of the web engine on a loaded machine took 12 s."""

LEAST_FREE_GB = 2.0
"""A day of the demo's recording and its store, with room for the journal."""

SLOW_COMMIT_MS = 250.0
"""An alarm is to be heard within this time, and it waits for the commit."""


class State(StrEnum):
    """How well something is; the value is the mark at the start of the line."""

    OK = "✓"
    LESS = "–"
    """The room works, but something is missing or slower."""
    BAD = "✗"
    """The room does not work without it."""


class Finding(Struct, frozen=True):
    """One line: what was looked at, how it is, and what to do about it."""

    state: State
    subject: str
    text: str
    advice: str = ""


def run(out: TextIO, home: Path | None = None) -> int:
    """Examine this machine, writing each line as it is found; 1 where the room would not work."""
    places = settings.folders(home)
    worst = State.OK
    for finding in examine(places):
        out.write(f"{finding.state} {finding.subject}: {finding.text}\n")
        if finding.advice:
            out.write(f"    → {finding.advice}\n")
        out.flush()
        worst = State.BAD if finding.state is State.BAD else worst
    out.write(
        "\n" + (_("Something above must be put right first.") if worst is State.BAD else _("The room can open.")) + "\n"
    )
    return int(worst is State.BAD)


def examine(places: Folders) -> Iterator[Finding]:
    """All findings in order; slow ones come as they are found."""
    chosen = Settings()
    try:
        loaded = settings.load(places)
        chosen = loaded.settings
        yield Finding(State.OK, _("Settings"), str(places.seat_file))
        for notice in loaded.notices:
            yield Finding(State.LESS, _("Settings"), notice)
    except EnvironmentFault as fault:
        yield Finding(State.BAD, _("Settings"), fault.sentence)
    yield pair()
    seen = display.has_display() or os.environ.get("QT_QPA_PLATFORM")
    if not seen:
        yield Finding(
            State.LESS,
            _("Display"),
            _("there is none here, looking at a virtual one"),
            _("Start it on a desktop, or let it write pictures: controlroom snapshot --out FOLDER"),
        )
    try:
        with nullcontext() if seen else display.virtual_display():
            yield from desk()
            yield graphics()
            yield web_engine()
    except EnvironmentFault as fault:
        yield Finding(State.BAD, _("Display"), fault.sentence)
    yield from codecs()
    yield speech()
    data = Path(chosen.hub.data_dir) if chosen.hub.data_dir else places.data
    yield from tables(data)
    yield from store(data)
    yield history(data / "room-history", chosen.history.max_mb)
    yield hub(chosen.hub.host, chosen.hub.port)
    yield map_scripts(Path(resources.__file__).parent / "map")


def ask(probe: str) -> dict[str, Any] | str:
    """What a probe wrote, or the last words of one that failed."""
    command = [sys.executable, "-m", f"controlroom.probes.{probe}"]
    environ = dict(os.environ)
    if os.geteuid() == 0:
        environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"  # Chromium's sandbox refuses root
    try:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return _("no answer within {seconds} s").format(seconds=round(PATIENCE_S))
    if lines := done.stdout.strip().splitlines():
        return dict(json.loads(lines[-1]))
    words = done.stderr.strip().splitlines()[-1:] or [""]
    return _("ended with status {status}: {words}").format(status=done.returncode, words=words[0])


def pair() -> Finding:
    """Python and PySide6 fit each other: 20,000 emits lose no reference of None."""
    subject, told = _("Python and PySide6"), ask("pair")
    advice = _("This pair of versions does not fit and ends by itself. Set the room up anew: make setup")
    if isinstance(told, str):
        return Finding(State.BAD, subject, told, advice)
    text = _("Python {python}, PySide6 {pyside}").format(python=told["python"], pyside=told["pyside"])
    lost = min(told["lost"].values())
    if lost < -100:
        return Finding(State.BAD, subject, text + _(", references lost: {count}").format(count=-lost), advice)
    return Finding(State.OK, subject, text)


def desk() -> Iterator[Finding]:
    """Monitors, fonts and sound devices."""
    told = ask("desk")
    if isinstance(told, str):
        yield Finding(State.BAD, _("Display"), told, _("Libraries of the system may be missing: make setup"))
        return
    screens = [
        _("{name} {width}×{height} at {x},{y} scale {scale:g}").format(
            name=" ".join(word for word in (s["name"], s["serial"]) if word),
            x=s["geometry"][0], y=s["geometry"][1], width=s["geometry"][2], height=s["geometry"][3],
            scale=s["scale"],
        )
        for s in told["screens"]
    ]  # fmt: skip
    yield Finding(
        State.OK if screens else State.BAD, _("Monitors"), f"{len(screens)} ({told['platform']}): " + "; ".join(screens)
    )
    simplified = [name for name in told["fonts"] if "SC" in name.split() or "YaHei" in name or "WenQuanYi" in name]
    if simplified:
        yield Finding(State.OK, _("Chinese font"), simplified[0])
    else:
        yield Finding(
            State.LESS if told["fonts"] else State.BAD,
            _("Chinese font"),
            _("none with the simplified forms"),
            _("Install one: apt-get install fonts-noto-cjk"),
        )
    if told["sounds"]:
        yield Finding(State.OK, _("Sound"), "; ".join(told["sounds"]))
    else:
        advice = _("Connect a loudspeaker or start the sound server; until then alarms are only seen.")
        yield Finding(State.LESS, _("Sound"), _("no device, the room is mute"), advice)


def graphics() -> Finding:
    """OpenGL by a card, by the processor, or none."""
    told = ask("graphics")
    if isinstance(told, str):
        return Finding(State.LESS, "OpenGL", told, _("Curves and video are painted without it; the map may be slow."))
    if not told["renderer"]:
        return Finding(
            State.LESS, "OpenGL", _("none"), _("Curves and video are painted without it; the map may be slow.")
        )
    if told["software"]:
        advice = _("It works. A graphics card and its driver would free the processor for video.")
        return Finding(State.LESS, "OpenGL", _("{name}, by the processor").format(name=told["renderer"]), advice)
    return Finding(State.OK, "OpenGL", told["renderer"])


def web_engine() -> Finding:
    """A page is loaded and its colour is on the screen."""
    subject, told = _("Web engine"), ask("web")
    advice = _("The map will be empty. Libraries of the system may be missing: make setup")
    if isinstance(told, str):
        return Finding(State.BAD, subject, told, advice)
    if not (told["loaded"] and told["painted"]):
        text = _("a page was loaded but not painted") if told["loaded"] else _("a page was not loaded")
        return Finding(State.BAD, subject, text, advice)
    return Finding(State.OK, subject, _("loaded and painted a page in {seconds} s").format(seconds=told["seconds"]))


def codecs() -> Iterator[Finding]:
    """Decoders and encoders of video, and the kinds of acceleration that the library was built with."""
    wanted: list[tuple[str, Literal["r", "w"], State, str]] = [
        ("h264", "r", State.BAD, N_("decodes H.264")),
        ("hevc", "r", State.LESS, N_("decodes H.265")),
        ("libx264", "w", State.LESS, N_("encodes H.264 for the simulated cameras")),
    ]
    able, unable = [], []
    worst = State.OK
    for name, mode, state, words in wanted:
        try:
            av.codec.Codec(name, mode)
            able.append(_(words))
        except av.codec.codec.UnknownCodecError:
            unable.append(_(words))
            worst = state if worst is not State.BAD else worst
    text = _("PyAV {version}: {able}").format(version=av.__version__, able=_(", ").join(able))
    if unable:
        text += _("; not: {unable}").format(unable=_(", ").join(unable))
    yield Finding(worst, _("Video"), text, _("Set the room up anew: make setup") if unable else "")
    cards = [name for name, node in (("vaapi/qsv/drm", "/dev/dri"), ("cuda", "/dev/nvidiactl")) if Path(node).exists()]
    built = ", ".join(av.codec.hwaccel.hwdevices_available()) or _("none")
    if cards:
        text = _("the library knows {built}; this machine has {cards}").format(built=built, cards=", ".join(cards))
        text += "".join(f"; {line}" for line in tried(ask("video")))
    else:
        text = _("the library knows {built}; this machine has no card for it").format(built=built)
    advice = "" if cards else _("It works. The processor decodes; fewer tiles fit on the wall.")
    yield Finding(State.OK if cards else State.LESS, _("Video acceleration"), text, advice)


def tried(told: dict[str, Any] | str) -> list[str]:
    """What came of decoding by each kind of hardware, or why the probe of it failed."""
    if isinstance(told, str):
        return [told]
    return [
        _("{kind} fails ({reason}), the processor decodes").format(kind=kind, reason=reason)
        if reason
        else _("{kind} decodes").format(kind=kind)
        for kind, reason in told["kinds"].items()
    ]


def speech() -> Finding:
    """A voice that speaks Chinese."""
    advice = _("Alarms sound but are not spoken. Install it: apt-get install espeak-ng")
    if not shutil.which("espeak-ng"):
        return Finding(State.LESS, _("Speech"), _("espeak-ng is not installed"), advice)
    done = subprocess.run(
        ["espeak-ng", "--voices=cmn"], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    if "cmn" not in done.stdout:
        return Finding(State.LESS, _("Speech"), _("espeak-ng has no Chinese voice"), advice)
    return Finding(State.OK, _("Speech"), "espeak-ng cmn")


def tables(folder: Path) -> Iterator[Finding]:
    """What a district laid over our tables, and which of these files are wrong."""
    data = DistrictData(folder)
    laid_over, faults = data.laid_over(), data.faults()
    text = _("ours, and from {folder}: {names}") if laid_over else _("ours; none in {folder}")
    state = State.BAD if faults else State.OK
    yield Finding(state, _("Tables"), text.format(folder=folder, names=_(", ").join(laid_over)), " ".join(faults))


def store(folder: Path) -> Iterator[Finding]:
    """The folder of the store takes a commit that is on the disk afterwards, and has room."""
    file = folder / f"doctor-{os.getpid()}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as base:
            base.execute("PRAGMA journal_mode=WAL")
            base.execute("PRAGMA synchronous=FULL")
            base.execute("CREATE TABLE doctor (x)")
            started = time.perf_counter()
            with base:
                base.execute("INSERT INTO doctor VALUES (1)")
            took_ms = (time.perf_counter() - started) * 1000
        free_gb = shutil.disk_usage(folder).free / 1e9
    except (OSError, sqlite3.Error) as error:
        yield Finding(
            State.BAD,
            _("Store"),
            f"{folder}: {error}",
            _("Make the folder writable for this user, or set hub.data_dir."),
        )
        return
    finally:
        for leftover in folder.glob(f"{file.name}*") if folder.is_dir() else ():
            leftover.unlink()
    text = _("{folder}, a commit takes {took:.1f} ms").format(folder=folder, took=took_ms)
    slow = took_ms > SLOW_COMMIT_MS
    yield Finding(
        State.LESS if slow else State.OK, _("Store"), text, _("The disk is slow; alarms will be late.") if slow else ""
    )
    full = free_gb < LEAST_FREE_GB
    text = _("{free:.1f} GB free").format(free=free_gb)
    yield Finding(
        State.LESS if full else State.OK, _("Disk"), text, _("Make room: the store needs it.") if full else ""
    )


def history(folder: Path, max_mb: int) -> Finding:
    """How far back the hub's readings reach, their size and its bound."""
    held = held_in(folder)
    text = _("{size:,.0f} MB of at most {most:,} MB").format(size=held.size / 1024**2, most=max_mb)
    if held.first_day >= 0:
        since = EPOCH + timedelta(days=held.first_day)
        text = _("every reading since {date}, {size}").format(date=f"{since:%Y-%m-%d}", size=text)
    words = (_("every reading"), _("minutes"), _("ten minutes"), _("hours"))
    days = [
        _n("{name} {count} day", "{name} {count} days", kind.days).format(name=name, count=kind.days)
        for name, kind in zip(words, held.kinds, strict=True)
        if kind.days
    ]
    text = "; ".join([text, *([_("kept: {days}").format(days=", ".join(days))] if days else [])])
    if held.aside:
        advice = _("Look at them or delete them: {files}").format(files=", ".join(held.aside))
        damaged = _("damaged files are kept aside")
        return Finding(State.LESS, _("History of readings"), f"{text}; {damaged}", advice)
    return Finding(State.OK, _("History of readings"), text)


def hub(host: str, port: int) -> Finding:
    """Someone listens at the hub's address; on loopback the seat starts its own where nobody does."""
    address = f"{host}:{port}"
    try:
        with socket.create_connection((host, port), timeout=3.0):
            return Finding(State.OK, _("Hub"), _("{address} answers").format(address=address))
    except OSError as error:
        if host in ("127.0.0.1", "localhost", "::1"):
            return Finding(State.OK, _("Hub"), _("none at {address}; the room starts its own").format(address=address))
        text = _("{address}: {reason}").format(address=address, reason=error.strerror or error)
        return Finding(
            State.BAD, _("Hub"), text, _("Start the hub there, or correct hub.host and hub.port in the settings.")
        )


def map_scripts(folder: Path) -> Finding:
    """What the map page needs of npm lies in its place."""
    try:
        needed = json.loads((folder / "package.json").read_text(encoding="utf-8")).get("dependencies", {})
    except (OSError, ValueError) as error:
        return Finding(State.BAD, _("Map scripts"), str(error), _("Set the room up anew: make setup"))
    absent = [name for name in needed if not (folder / "node_modules" / name / "package.json").exists()]
    if absent:
        text = _("missing: {names}").format(names=", ".join(absent))
        return Finding(State.BAD, _("Map scripts"), text, _("Set the room up anew: make setup"))
    return Finding(State.OK, _("Map scripts"), ", ".join(f"{name} {version}" for name, version in needed.items()))
