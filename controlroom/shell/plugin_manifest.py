"""What a plugin says of itself: `plugin.toml`, read and checked without importing the plugin."""

import importlib.util
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.api import API_VERSION
from controlroom.i18n import _

MANIFEST = "plugin.toml"

Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Words = Annotated[dict[str, Annotated[str, Meta(min_length=1, max_length=80)]], Meta(min_length=1)]
Entry = Annotated[str, Meta(pattern=r"^[a-z_][a-z0-9_]*:[A-Za-z_][A-Za-z0-9_]*$")]


class PanelDeclaration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A panel that the plugin can build; `title` by language code."""

    id: Slug
    title: Words


class LayerClassDeclaration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class of a layer's legend; `label` by language code, `colour` as #rrggbb."""

    label: Words
    colour: Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$")]


class LayerDeclaration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A map layer that the plugin keeps; `title` by language code, `unit` stands behind the values of its marks."""

    id: Slug
    title: Words
    classes: Annotated[tuple[LayerClassDeclaration, ...], Meta(min_length=1, max_length=16)]
    unit: str = ""


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `plugin.toml`.

    `api` is the major version of `controlroom.api` it was written for; `entry` is `module:Class` inside the folder;
    `kinds` are the kinds of sensors that it may see. `name` and `department` are by language code.
    """

    id: Slug
    api: Annotated[int, Meta(ge=1)]
    name: Words
    department: Words
    entry: Entry
    kinds: tuple[str, ...] = ()
    panels: tuple[PanelDeclaration, ...] = ()
    layers: tuple[LayerDeclaration, ...] = ()

    def __post_init__(self) -> None:
        for declared in (self.panels, self.layers):
            ids = [item.id for item in declared]
            if len(set(ids)) != len(ids):
                raise ValueError("two panels or two layers have the same id")


class FoundPlugin(Struct, frozen=True, kw_only=True):
    """A folder with a manifest; `fault` says in one sentence why the manifest cannot be used, if so."""

    folder: Path
    id: str
    manifest: Manifest | None = None
    fault: str = ""


def words(by_language: dict[str, str], language: str) -> str:
    """The words in a language; English, else whatever there is, when that language is missing."""
    return by_language.get(language) or by_language.get("en") or next(iter(by_language.values()))


def product_folder() -> Path | None:
    """Where the product's own plugins lie, found without importing them."""
    spec = importlib.util.find_spec("plugins")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places))) if places else None


def read_manifest(folder: Path) -> FoundPlugin:
    """Read and check one folder's manifest; whatever is wrong with it is told in `fault`."""
    name = folder.name
    try:
        manifest = msgspec.toml.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (msgspec.ValidationError, msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        sentence = _("The plugin's manifest {file} cannot be used: {reason}").format(
            file=folder / MANIFEST, reason=error
        )
        return FoundPlugin(folder=folder, id=name, fault=sentence)
    except OSError as error:
        sentence = _("The plugin's manifest {file} cannot be read: {reason}").format(
            file=folder / MANIFEST, reason=error.strerror
        )
        return FoundPlugin(folder=folder, id=name, fault=sentence)
    fault = ""
    if manifest.id != name:
        fault = _("The plugin in the folder {folder} calls itself {id}; the two must be the same.").format(
            folder=name, id=manifest.id
        )
    elif manifest.api != API_VERSION:
        fault = _("The plugin needs version {wanted} of the plugin interface; this program offers {offered}.").format(
            wanted=manifest.api, offered=API_VERSION
        )
    return FoundPlugin(folder=folder, id=name, manifest=manifest, fault=fault)


def discover(folders: Iterable[Path]) -> list[FoundPlugin]:
    """All plugins below these folders by name; of two with the same id the first folder's is taken."""
    found: dict[str, FoundPlugin] = {}
    for root in folders:
        if not root.is_dir():
            continue
        for file in sorted(root.glob(f"*/{MANIFEST}")):
            plugin = read_manifest(file.parent)
            found.setdefault(plugin.id, plugin)
    return [found[name] for name in sorted(found)]
