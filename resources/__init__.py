"""Files that travel with the program: themes, icons, translations, the map page, the demo district."""

from importlib.resources import files
from pathlib import Path


def path(*parts: str) -> Path:
    """The path of a resource, such as `path("map", "room.js")`; the packages are always installed as plain folders."""
    return Path(str(files(__name__).joinpath(*parts)))
