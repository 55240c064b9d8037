"""Importing a plugin's module from its folder, and forgetting it again so that a mended file is read anew."""

import contextlib
import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import cast

from controlroom.api import PluginFactory


def load_factory(folder: Path, entry: str) -> PluginFactory:
    """The class that `entry` (`module:Class`) names in a plugin's folder; raises whatever its import raises.

    The folder is known as the package `plugins.<folder's name>`, wherever it lies.
    """
    module_name, _separator, class_name = entry.partition(":")
    package = package_of(folder)
    if package not in sys.modules:
        spec = _package_spec(package, folder)
        sys.modules[package] = importlib.util.module_from_spec(spec)
        if spec.loader is not None:
            spec.loader.exec_module(sys.modules[package])
    module = importlib.import_module(f"{package}.{module_name}")
    factory = getattr(module, class_name, None)
    if not callable(factory):
        raise TypeError(f"{folder.name}/{module_name}.py has no class {class_name}")
    return cast(PluginFactory, factory)


def forget(folder: Path) -> None:
    """Drop a plugin's modules and their compiled copies: the next load reads the files."""
    package = package_of(folder)
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
    for source in folder.rglob("*.py"):
        # A file mended within the same second has the old time stamp, and the compiled copy would be taken for it.
        with contextlib.suppress(OSError):
            Path(importlib.util.cache_from_source(source)).unlink(missing_ok=True)
    importlib.invalidate_caches()


def package_of(folder: Path) -> str:
    """The name of the package that a plugin's folder is imported as."""
    return f"plugins.{folder.name}"


def _package_spec(package: str, folder: Path) -> ModuleSpec:
    start = folder / "__init__.py"
    if start.is_file():
        spec = importlib.util.spec_from_file_location(package, start, submodule_search_locations=[str(folder)])
        if spec is not None:
            return spec
    spec = ModuleSpec(package, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return spec
