"""The tile sets of a folder: found, opened, opened anew when they change, and named with what is wrong with them."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from controlroom.i18n import _
from controlroom.mapping.basemaps.declared import Declared, declaration, read_declaration
from controlroom.mapping.basemaps.opening import open_tiles
from controlroom.mapping.basemaps.tile_cache import TileCache
from controlroom.mapping.basemaps.tiles import BaseMap, Reader, TileFault
from controlroom.mapping.basemaps.wmts import Condition, WmtsService

log = logging.getLogger(__name__)

SETTINGS_SERVICE = "wmts"
"""The id of the service that the settings name."""

_SETTLED_S = 3.0
"""A file that was written to so lately may still be on its way."""
_PASSED_OVER = (".txt", ".md", ".json", ".part", ".pdf", ".html", ".xml", ".aux", ".jpg", ".png")
_MOST = 200

Signature = tuple[object, ...]


class _Held:
    """A tile set of the folder as it was when it was last looked at."""

    def __init__(self, signature: Signature, described: BaseMap, reader: Reader | None, is_settled: bool) -> None:
        self.signature = signature
        self.described = described
        self.reader = reader
        self.is_settled = is_settled


class Catalogue:
    """The tile sets in `folder` and of the `services`. `look` and `connect` belong to one thread each; others read.

    `told` hears the id of a service and how it fares, on any thread.
    """

    def __init__(
        self,
        folder: Path,
        services: Sequence[Declared],
        cache: TileCache,
        now: Callable[[], datetime],
        told: Callable[[str, Condition], None],
    ) -> None:
        self._folder = folder
        self._cache = cache
        self._now = now
        self._told = told
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._services: dict[str, tuple[Signature, WmtsService | None, BaseMap, Reader | None]] = {}
        self._layers: dict[str, list[tuple[BaseMap, Reader]]] = {}
        """The further layers of each service."""
        self._settled = list(services)

    def maps(self) -> tuple[BaseMap, ...]:
        """All of them by name, those that cannot be used last."""
        with self._lock:
            found = [held.described for held in self._held.values()]
            found += [described for _signature, _service, described, _reader in self._services.values()]
            found += [described for layers in self._layers.values() for described, _reader in layers]
        return tuple(sorted(found, key=lambda one: (bool(one.fault), one.name, one.id)))

    def reader(self, version: int) -> tuple[BaseMap, Reader] | None:
        """The tile set with this number, if it is still there and whole."""
        with self._lock:
            for held in self._held.values():
                if held.described.version == version and held.reader is not None:
                    return held.described, held.reader
            for _signature, _service, described, reader in self._services.values():
                if described.version == version and reader is not None:
                    return described, reader
            further = (one for layers in self._layers.values() for one in layers)
            return next((one for one in further if one[0].version == version), None)

    def look(self) -> bool:
        """Looks at the folder; whether anything is other than it was. Waits for the disk, never for the network."""
        seen, declared = self._listed()
        changed = self._adopt_services(declared)
        for name in set(self._held) - set(seen):
            self._drop(name)
            changed = True
        for name, path in seen.items():
            signature = _signature(path)
            held = self._held.get(name)
            if held is not None and held.signature == signature and held.is_settled:
                continue
            new = self._opened(path, signature)
            if held is not None and held.described == new.described:
                if new.reader is not None:
                    new.reader.close()
                held.is_settled = held.is_settled or new.is_settled
                continue
            self._drop(name)
            with self._lock:
                self._held[name] = new
            changed = True
        return changed

    def connect(self) -> bool:
        """Asks services that are not known yet or were silent; whether anything is other than it was. Waits for it."""
        changed = False
        for name in list(self._services):
            signature, service, described, reader = self._services[name]
            if service is None or service.rests or (reader is not None and service.condition.reachable):
                continue
            others: list[tuple[BaseMap, Reader]] = []
            try:
                (new, found), *others = service.connect()
                new = msgspec.structs.replace(new, version=described.version)
                others = [(_numbered(one, name, repr(signature)), its) for one, its in others]
            except TileFault as fault:
                new, found = msgspec.structs.replace(described, fault=fault.sentence), None
            held = [one for one, _reader in self._layers.get(name, [])]
            if (new, found is None, [one for one, _its in others]) == (described, reader is None, held):
                continue
            with self._lock:
                if name in self._services and self._services[name][1] is service:
                    self._services[name] = (signature, service, new, found)
                    self._layers[name] = others
                    changed = True
        return changed

    def close(self) -> None:
        """Closes every file and ends every request."""
        for name in list(self._held):
            self._drop(name)
        with self._lock:
            services, self._services = self._services, {}
            self._layers = {}
        for _signature, service, _described, _reader in services.values():
            if service is not None:
                service.close()

    # ------------------------------------------------------------ inside

    def _listed(self) -> tuple[dict[str, Path], dict[str, Declared | TileFault]]:
        """Tile sets by name, and services that files declare."""
        try:
            every = sorted(self._folder.iterdir())[:_MOST]
        except OSError:
            return {}, {}
        beside = {f"{one.stem if one.is_file() else one.name}.toml" for one in every if one.suffix.lower() != ".toml"}
        seen: dict[str, Path] = {}
        declared: dict[str, Declared | TileFault] = {}
        for one in every:
            if one.name.startswith(".") or one.suffix.lower() in _PASSED_OVER:
                continue
            if one.suffix.lower() != ".toml":
                seen[one.name] = one
                continue
            if one.name in beside:
                continue
            try:
                told = read_declaration(one)
                if told.wmts is None:
                    raise TileFault(
                        _("{name} belongs to no tile set and declares no WMTS. Name it as the set it is for.").format(
                            name=one.name
                        )
                    )
                declared[one.name] = told
            except TileFault as fault:
                declared[one.name] = fault
        return seen, declared

    def _adopt_services(self, declared: dict[str, Declared | TileFault]) -> bool:
        wanted: dict[str, Declared | TileFault] = {
            SETTINGS_SERVICE if not number else f"{SETTINGS_SERVICE}-{number}": told
            for number, told in enumerate(self._settled)
        }
        wanted |= declared
        changed = False
        for name in [one for one in self._services if one not in wanted]:
            self._let_go(name)
            changed = True
        for name, told in wanted.items():
            signature: Signature = (told.sentence,) if isinstance(told, TileFault) else (told,)
            if name in self._services and self._services[name][0] == signature:
                continue
            self._let_go(name)
            new = self._service(name, told)
            with self._lock:
                self._services[name] = (signature, *new)
            changed = True
        return changed

    def _service(self, name: str, told: Declared | TileFault) -> tuple[WmtsService | None, BaseMap, None]:
        title = name.removesuffix(".toml")
        asked = _("It is being asked what it offers.")
        described = BaseMap(id=name, name=title, form="WMTS", version=_number(name, repr(told)), fault=asked)
        if isinstance(told, TileFault):
            return None, msgspec.structs.replace(described, fault=told.sentence), None
        described = msgspec.structs.replace(described, name=told.name or title)
        try:
            service = WmtsService(name, told, self._cache, self._now, lambda condition: self._told(name, condition))
        except TileFault as fault:
            return None, msgspec.structs.replace(described, fault=fault.sentence), None
        return service, described, None

    def _let_go(self, name: str) -> None:
        with self._lock:
            held = self._services.pop(name, None)
            self._layers.pop(name, None)
        if held is not None and held[1] is not None:
            held[1].close()

    def _opened(self, path: Path, signature: Signature) -> _Held:
        version = _number(path.name, repr(signature))
        try:
            described, reader = open_tiles(path, declaration(path))
            return _Held(signature, msgspec.structs.replace(described, version=version), reader, True)
        except TileFault as fault:
            is_settled = time.time() - _written_s(path) > _SETTLED_S
            sentence = fault.sentence if is_settled else _("{name} is still being written.").format(name=path.name)
            if is_settled:
                log.info("base map refused: %s", fault.sentence)
            broken = BaseMap(id=path.name, name=path.name, version=version, fault=sentence)
            return _Held(signature, broken, None, is_settled)

    def _drop(self, name: str) -> None:
        with self._lock:
            held = self._held.pop(name, None)
        if held is not None and held.reader is not None:
            held.reader.close()


def _signature(path: Path) -> Signature:
    """What differs when a tile set, its description or its declaration was changed."""
    beside = path.with_name(f"{path.stem if path.is_file() else path.name}.toml")
    return tuple(_stamp(one) for one in (path, beside, path / "metadata.json", path / "tilejson.json"))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _written_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _numbered(described: BaseMap, *parts: str) -> BaseMap:
    return msgspec.structs.replace(described, version=_number(described.id, *parts))


def _number(*parts: str) -> int:
    """A number below 2^31 for addresses within the page."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:4], "big") >> 1
