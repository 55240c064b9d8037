"""Data tables of the product: standards, and what else is data and not code."""

import tomllib
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def table(name: str) -> dict[str, Any]:
    """The decoded TOML table of this name below `resources/data`, for example `standards/air.toml`."""
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
