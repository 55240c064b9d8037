"""A WMTS of the government network as a base map: asked by the program, kept on disk, shown from there when it is dead.

The token stands in requests only: not in logs, sentences, tips, the cache or exports.
"""

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
from msgspec import Struct

from controlroom.i18n import _
from controlroom.mapping.basemaps.capabilities import (
    MOST_BYTES,
    Capabilities,
    CapabilityFault,
    MatrixSet,
    ServedLayer,
    read_capabilities,
)
from controlroom.mapping.basemaps.declared import Declared, Wmts
from controlroom.mapping.basemaps.grid import DEGREE_M, MERCATOR_SIDE_M, Grid, Level, web_levels
from controlroom.mapping.basemaps.opening import described_as
from controlroom.mapping.basemaps.resampled import Fetch, Resampled
from controlroom.mapping.basemaps.tile_cache import TileCache
from controlroom.mapping.basemaps.tiles import (
    DEEPEST,
    MOST_TILE_BYTES,
    BaseMap,
    Reader,
    TileFault,
    checked_picture,
)
from controlroom.mapping.basemaps.web import Host, WebFault
from controlroom.mapping.coordinates import Datum

TIMEOUT_S = 6.0
FRESH_S = 7 * 86400.0
"""A tile that is older is asked for again where the service answers."""

MOST_LAYERS = 60
LAYER_SIGN = "#"
"""Between the id of a service and that of one of its layers."""

_PREFERRED = ("image/png", "image/jpeg", "image/webp", "tiles")


class Condition(Struct, frozen=True):
    """How a service fares: whether it answered last, why not, and from when the oldest tile is that stands in."""

    reachable: bool = True
    reason: str = ""
    kept_at: datetime | None = None


class Plan(Struct, frozen=True):
    """What of a service is shown, and how its tiles are asked for."""

    layer: ServedLayer
    matrix_set: MatrixSet
    grid: Grid
    style: str
    format: str
    get_tile: str


def planned(told: Wmts, offered: Capabilities) -> Plan:
    """The layer and matrix set that are wanted, or the first that can be drawn. Raises CapabilityFault."""
    layer = next((one for one in offered.layers if told.layer in ("", one.id)), None)
    if layer is None:
        names = "、".join(one.id for one in offered.layers[:12])
        raise CapabilityFault(_("it has no layer “{name}”, but {names}").format(name=told.layer, names=names))
    sets = [one for one in offered.matrix_sets if one.id in layer.matrix_sets] or list(offered.matrix_sets)
    if told.matrix_set:
        sets = [one for one in sets if one.id == told.matrix_set]
        if not sets:
            raise CapabilityFault(
                _("it has no matrix set “{name}”, but {names}").format(
                    name=told.matrix_set, names="、".join(layer.matrix_sets[:12])
                )
            )
    # Tiles that need no resampling first.
    sets.sort(key=lambda one: one.grid is None or (not web_levels(one.grid), one.grid.in_degrees))
    grid = sets[0].grid if sets else None
    if grid is None:
        systems = "、".join(sorted({one.system for one in sets})) or "—"
        raise CapabilityFault(
            _("its tiles are in {systems}, which the map cannot draw; ask for EPSG:3857, 4326 or 4490").format(
                systems=systems
            )
        )
    formats = [one for one in _PREFERRED if one in layer.formats] or list(layer.formats) or ["image/png"]
    return Plan(layer, sets[0], grid, told.style or layer.styles[0], told.format or formats[0], offered.get_tile)


def all_planned(told: Wmts, offered: Capabilities) -> list[Plan]:
    """The layer that is wanted, or all that can be drawn, in the service's order. Raises CapabilityFault for none."""
    if told.layer:
        return [planned(told, offered)]
    found: list[Plan] = []
    faults: list[CapabilityFault] = []
    for layer in offered.layers[:MOST_LAYERS]:
        try:
            found.append(planned(msgspec.structs.replace(told, layer=layer.id), offered))
        except CapabilityFault as fault:
            faults.append(fault)
    if not found:
        raise faults[0]
    return found


class WmtsService:
    """Tiles of the layers of a service, from the cache or the network; any thread may read and waits for the network.

    `changed` is called, on the thread that noticed, when the service begins or ceases to answer.
    """

    def __init__(
        self,
        name: str,
        declared: Declared,
        cache: TileCache,
        now: Callable[[], datetime],
        changed: Callable[[Condition], None],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        assert declared.wmts is not None
        self._name = name
        self._declared = declared
        self._told = declared.wmts
        self._cache = cache
        self._now = now
        self._changed = changed
        self._lock = threading.Lock()
        self._condition = Condition()
        try:
            self._host = Host(declared.wmts.address, timeout_s)
        except WebFault as fault:
            raise self._fault(fault.reason) from fault

    @property
    def condition(self) -> Condition:
        """How it fares."""
        return self._condition

    @property
    def rests(self) -> bool:
        """Whether it failed so lately that it is not asked."""
        return self._host.rests

    def connect(self) -> list[tuple[BaseMap, Reader]]:
        """Asks what is offered, or remembers what was offered last: a base map for each layer. Raises TileFault.

        The first has the id of the service, the others theirs behind it.
        """
        key = self._key("capabilities")
        kept = self._cache.document(key)
        try:
            document = self._ask_capabilities()
            plans = all_planned(self._told, read_capabilities(document))
            self._cache.keep_document(key, document, self._now().timestamp())
            self._answered()
        except (WebFault, CapabilityFault) as fault:
            reason = fault.reason if isinstance(fault, WebFault) else str(fault)
            self._host.failed()
            if kept is None:
                raise self._fault(reason) from fault
            try:
                plans = all_planned(self._told, read_capabilities(kept[0]))
            except CapabilityFault as broken:
                raise self._fault(str(broken)) from broken
            self._silent(reason)
        return [self._reader(plan, place, several=len(plans) > 1) for place, plan in enumerate(plans)]

    def close(self) -> None:
        """No request begins after this."""
        self._host.close()

    # ------------------------------------------------------------ tiles

    def fetch(self, plan: Plan, level: Level, column: int, row: int) -> bytes | None:
        """A tile of the service's own grid, fresh or kept. Raises TileFault where there is neither."""
        if not (0 <= column < level.columns and 0 <= row < level.rows):
            return None
        source = self._key(f"{plan.layer.id}/{plan.style}/{plan.matrix_set.id}/{plan.format}")
        kept = self._cache.tile(source, level.name, column, row)
        now_s = self._now().timestamp()
        if kept is not None and 0 <= now_s - kept[1] < FRESH_S and self._condition.reachable:
            return kept[0] or None
        if not self._host.rests:
            try:
                body = self._ask_tile(plan, level, column, row)
            except WebFault as fault:
                self._silent(fault.reason)
            else:
                self._answered()
                # An empty body stands for a tile that the service does not have.
                self._cache.keep_tile(source, level.name, column, row, body or b"", now_s)
                return body
        if kept is None:
            raise self._fault(self._condition.reason)
        self._stood_in(kept[1])
        return kept[0] or None

    def _ask_tile(self, plan: Plan, level: Level, column: int, row: int) -> bytes | None:
        answer = self._host.get(self._target(plan, level, column, row), MOST_TILE_BYTES)
        if answer.status in (401, 403):
            self._host.failed()
            raise WebFault(_("it refuses us: the token may be wrong or used up"))
        if answer.status != 200:
            return None
        if checked_picture(answer.body) is None:
            self._host.failed()
            raise WebFault(_("its answers are no pictures"))
        return answer.body

    def _target(self, plan: Plan, level: Level, column: int, row: int) -> str:
        """The path and query of a tile; the host is ours, whatever the service names."""
        if plan.layer.template:
            values = {
                "Style": plan.style,
                "TileMatrixSet": plan.matrix_set.id,
                "TileMatrix": level.name,
                "TileRow": str(row),
                "TileCol": str(column),
                "Layer": plan.layer.id,
            }
            filled = plan.layer.template
            for name, value in values.items():
                for spelled in (name, name.lower()):
                    filled = filled.replace(f"{{{spelled}}}", quote(value, safe=""))
            parts = urlsplit(filled)
            return self._with_token(parts.path or "/", parse_qsl(parts.query, keep_blank_values=True))
        parts = urlsplit(plan.get_tile if plan.get_tile else self._told.address)
        own = urlsplit(self._told.address)
        pairs = [
            (name, value)
            for name, value in parse_qsl(own.query, keep_blank_values=True)
            if name.lower() not in ("service", "request", "version")
        ]
        pairs += [
            ("SERVICE", "WMTS"),
            ("REQUEST", "GetTile"),
            ("VERSION", "1.0.0"),
            ("LAYER", plan.layer.id),
            ("STYLE", plan.style),
            ("TILEMATRIXSET", plan.matrix_set.id),
            ("FORMAT", plan.format),
            ("TILEMATRIX", level.name),
            ("TILEROW", str(row)),
            ("TILECOL", str(column)),
        ]
        path = own.path if not own.path.endswith(".xml") else parts.path
        return self._with_token(path or "/", pairs)

    def _ask_capabilities(self) -> bytes:
        parts = urlsplit(self._told.address)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        target = self._with_token(parts.path or "/", pairs)
        if not parts.path.endswith(".xml"):
            known = {name.lower() for name, _value in pairs}
            asked = (("SERVICE", "WMTS"), ("REQUEST", "GetCapabilities"), ("VERSION", "1.0.0"))
            pairs += [pair for pair in asked if pair[0].lower() not in known]
            target = self._with_token(parts.path or "/", pairs)
        answer = self._host.get(target, MOST_BYTES)
        if answer.status in (401, 403):
            raise WebFault(_("it refuses us: the token may be wrong or used up"))
        if answer.status != 200 and not parts.path.endswith(".xml"):
            answer = self._host.get(
                self._with_token(f"{parts.path.rstrip('/')}/1.0.0/WMTSCapabilities.xml", []), MOST_BYTES
            )
        if answer.status != 200:
            raise WebFault(_("it answers with status {status}").format(status=answer.status))
        return answer.body

    def _with_token(self, path: str, pairs: list[tuple[str, str]]) -> str:
        if self._told.token:
            pairs = [*pairs, (self._told.token_name, self._told.token)]
        return quote(path, safe="/%:@,;=+$&") + (f"?{urlencode(pairs)}" if pairs else "")

    # ------------------------------------------------------------ what is told

    def _reader(self, plan: Plan, place: int, *, several: bool) -> tuple[BaseMap, Reader]:
        known = web_levels(plan.grid)
        is_shifted = self._declared.datum == "gcj02"
        if self._declared.datum == "bd09":
            raise self._fault(_("BD-09 has a grid of its own; ask for WGS-84 or CGCS2000"))
        unit_m = DEGREE_M if plan.grid.in_degrees else 1.0
        deepest = next(
            z
            for z in range(DEEPEST + 1)
            if MERCATOR_SIDE_M / 256 / 2**z <= plan.grid.levels[-1].pixel * unit_m * 1.01 or z == DEEPEST
        )
        described = described_as(
            BaseMap(
                id=f"{self._name}{LAYER_SIGN}{plan.layer.id}" if place else self._name,
                name=plan.layer.title,
                form="WMTS",
                min_zoom=min(known) if known and not is_shifted else 0,
                max_zoom=max(known) if known and not is_shifted else deepest,
                bounds=plan.layer.bounds,
                datum="CGCS2000" if plan.matrix_set.system.endswith("4490") else "WGS-84",
            ),
            self._declared,
        )
        if several and self._declared.name:
            described = msgspec.structs.replace(described, name=f"{self._declared.name} · {plan.layer.title}")
        fetch = partial(self.fetch, plan)
        if known and not is_shifted:
            return described, _Direct(fetch, known, self.close)
        datum = Datum.GCJ02 if is_shifted else Datum.WGS84
        return described, Resampled(described, fetch, plan.grid, datum, self.close)

    def _answered(self) -> None:
        self._turn(Condition())

    def _silent(self, reason: str) -> None:
        self._turn(Condition(False, reason, self._condition.kept_at))

    def _stood_in(self, at_s: float) -> None:
        at = datetime.fromtimestamp(at_s, UTC)
        held = self._condition
        if not held.reachable and (held.kept_at is None or at < held.kept_at):
            self._turn(Condition(False, held.reason, at))

    def _turn(self, condition: Condition) -> None:
        with self._lock:
            if condition == self._condition:
                return
            self._condition = condition
        self._changed(condition)

    def _key(self, what: str) -> str:
        """A name in the cache that does not tell the address, which may hold a token."""
        parts = urlsplit(self._told.address)
        return hashlib.sha256(f"{parts.scheme}://{parts.netloc}{parts.path}\n{what}".encode()).hexdigest()[:32]

    def _fault(self, reason: str) -> TileFault:
        return TileFault(_("The map service {name} cannot be shown: {reason}.").format(name=self._name, reason=reason))


class _Direct:
    """Tiles that are those of web maps already."""

    def __init__(self, fetch: Fetch, levels: dict[int, Level], close: Callable[[], None]) -> None:
        self._fetch = fetch
        self._levels = levels
        self._close = close

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One tile. Raises TileFault."""
        level = self._levels.get(z)
        if level is None:
            return None
        # A set may begin within the world: its corner is that of the world here, so that numbers are the same.
        return self._fetch(level, x, y)

    def close(self) -> None:
        """No request begins after this."""
        self._close()
