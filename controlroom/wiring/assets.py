"""Teams, hazard sources and spaces, connected: layers of every map, and the card of the one that is chosen."""

from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.asset_wording import age_word, detail_lines, kind_word, kind_words, short_line, state_word
from controlroom.domain.asset import Asset, AssetKind
from controlroom.i18n import _
from controlroom.mapping.asset_layers import (
    GROUP_OF,
    LAYER_OF,
    TEXT_ZOOM,
    alerts_of,
    by_kind,
    classes_of,
    newest,
    old_after_s,
    points_of,
)
from controlroom.mapping.layers import ColourClass, LayerPoint, LayerSpec, Selection
from controlroom.mapping.surroundings_words import sentence
from controlroom.wiring.places import PlaceFinder, fences_of
from controlroom.wiring.seat import Seat
from widgets.map_view import MapView
from widgets.place_card import Card, CardLine

LAYERS = frozenset(LAYER_OF.values())


_MOST_SOURCES = 6


class AssetLayers(QObject):
    """Keeps one layer a kind on all maps of a seat, told at most once a second; a kind that nobody declares has none.

    In the room's past they are those of then.
    """

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._dirty = True
        self._shown: dict[AssetKind, list[LayerPoint]] = {}
        seat.pump.assets_changed.connect(self._change)
        seat.pump.room_reset.connect(self._change)
        seat.past.changed.connect(self._change)
        seat.room_time.changed.connect(self._change)
        seat.pump.ticked.connect(self._tick)

    def _change(self, _changed: object = None) -> None:
        self._dirty = True

    def _tick(self, now: datetime) -> None:
        """Once a second: what moved, and what grew old meanwhile."""
        held = list(assets_now(self._seat).values())
        if not held and not self._shown:
            return
        at = now if self._seat.room_time.live else self._seat.past.at
        for kind, assets in by_kind(held).items():
            self._show(kind, assets, at)
        self._dirty = False

    def _show(self, kind: AssetKind, held: list[Asset], now: datetime | None) -> None:
        layer = LAYER_OF[kind]
        names = {asset.id: asset.name for asset in held}
        points = [
            LayerPoint(p.id, names[p.id], p.lon, p.lat, colour_class=p.number) for p in points_of(held, kind, now)
        ]
        if points == self._shown.get(kind, []):
            return
        if not points:
            del self._shown[kind], self._seat.layers[layer]
            self._seat.requests.layer_removed.emit(layer)
            return
        self._shown[kind] = points
        self._seat.layers[layer] = (layer_spec(kind, self._sources(held)), points)
        self._seat.requests.layer_changed.emit(layer)

    def _sources(self, held: list[Asset]) -> str:
        """Who tells of them, by name."""
        told = {self._seat.names.source(source) for source in {asset.source for asset in held} if source}
        return _(", ").join(sorted(told)[:_MOST_SOURCES])


class AssetCards(QObject):
    """The card of the asset that is chosen, on one map: it is told anew while it is open."""

    def __init__(self, seat: Seat, view: MapView, finder: PlaceFinder) -> None:
        super().__init__(view)
        self._seat, self._view, self._finder = seat, view, finder
        self._open = ""
        finder.card.left.connect(self._left)
        seat.pump.ticked.connect(self._tick)

    def choose(self, identity: str) -> None:
        """Mark an asset and show what is known of it."""
        asset = assets_now(self._seat).get(identity)
        if asset is None:
            return
        self._open = identity
        self._view.scene.select(Selection(LAYER_OF[asset.kind], identity))
        self._finder.card.show_card(self._card(asset, self._seat.clock.now()))

    def forget(self) -> None:
        """Something else is chosen: the card is no longer that of an asset."""
        if self._open:
            self._open = ""
            self._finder.card.hide()

    def _left(self) -> None:
        self._open = ""

    def _tick(self, now: datetime) -> None:
        card = self._finder.card
        if not self._open or not card.isVisible():
            return
        if card.card is None or card.card.basis != _basis(self._open):
            self._open = ""  # the card tells of another place now
            return
        asset = assets_now(self._seat).get(self._open)
        if asset is None:
            self.forget()
            return
        told = self._card(asset, now)
        if told != card.card:
            card.retell(told)

    def _card(self, asset: Asset, now: datetime) -> Card:
        if not self._seat.room_time.live:
            now = self._seat.past.at or now
        lines = [CardLine(title, text) for title, text in detail_lines(asset, now, self._seat.names.source)]
        where = ""
        if asset.point is not None:
            where = sentence(self._seat.places.here(asset.point.lon, asset.point.lat, fences_of(self._seat)))
        title = f"{kind_word(asset.kind)} · {short_line(asset)} · {age_word(asset, now)}"
        lon, lat = (asset.point.lon, asset.point.lat) if asset.point is not None else (0.0, 0.0)
        return Card(asset.name, title, lon, lat, where, tuple(lines), _basis(asset.id))


def _basis(identity: str) -> str:
    return _("Number {id}").format(id=identity)


def assets_now(seat: Seat) -> dict[str, Asset]:
    """The assets of now, or those of the room's time; none where they are not known."""
    if seat.room_time.live:
        return seat.pump.room.assets
    return {} if seat.past.room is None else seat.past.room.assets


def layer_spec(kind: AssetKind, source: str = "") -> LayerSpec:
    """The layer of a kind: a class a state, and one for what is old; `source` names who tells of it."""
    classes = tuple(
        ColourClass(_("old, not sure") if one.state is None else state_word(one.state), one.colour, one.shape)
        for one in classes_of(kind)
    )
    return LayerSpec(
        id=LAYER_OF[kind],
        title=kind_words(kind),
        classes=classes,
        group=GROUP_OF[kind],
        source=source or _("this room"),
        text_zoom=TEXT_ZOOM,
        alerts=alerts_of(kind),
        stale_after_s=old_after_s(kind),
    )


def tell_layers(seat: Seat, view: MapView) -> None:
    """Of what time the layers are, into the tree of one map."""
    for kind, held in by_kind(assets_now(seat).values()).items():
        invented = _("Schematic demo data, invented") if any(a.schematic for a in held) else ""
        view.tree.tell(LAYER_OF[kind], data_at=newest(held, kind), note=invented)
