"""The checkout as the checks see it: its packages and what git would keep of it."""

import os
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("controlroom", "widgets", "layouts", "resources", "plugins")


def kept() -> list[Path]:
    """Files that git keeps or would keep, as they are on the disk now; without git, all that it would not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git") and (REPOSITORY / ".git").exists():
        told = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout.decode()
        return sorted(file for name in told.split("\0") if name and (file := REPOSITORY / name).is_file())
    ignored = [line.rstrip("/") for line in (REPOSITORY / ".gitignore").read_text().split() if line[0] != "#"] + [
        ".git"
    ]
    found = []
    for folder, folders, files in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if not any(fnmatch(name, pattern) for pattern in ignored)]
        found += [Path(folder, name) for name in files if not any(fnmatch(name, pattern) for pattern in ignored)]
    return sorted(found)


def sources(*folders: str) -> list[Path]:
    """Python files below these top-level folders, by default the five packages."""
    chosen = folders or PACKAGES
    return [file for file in kept() if file.suffix == ".py" and named(file).split("/")[0] in chosen]


def named(file: Path) -> str:
    """The path from the root of the checkout."""
    return file.relative_to(REPOSITORY).as_posix()
