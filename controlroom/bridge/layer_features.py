"""Single features of the seat's thematic layers, for whoever works with them: questions, menus, what is chosen.

`seat.features` is one of these where the seat has thematic layers. A feature's id is its number in its file.
`zone` gives a feature as an area, line or point to reckon with; `found` looks features up by name or within an area.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controlroom.bridge.thematic_run import ThematicRun
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.thematic.features import Feature
from controlroom.mapping.thematic.messages import Features


@dataclass(frozen=True, slots=True)
class FeatureLayer:
    """A thematic layer that was read: its attributes, where it is from and of what (aware) time its data are."""

    id: str
    title: str
    fields: tuple[str, ...]
    source: str
    data_at: datetime | None
    stale_after_s: float | None
    has_areas: bool


@dataclass(frozen=True, slots=True)
class FeatureZone:
    """One feature with all that is known of it; `geometry` is GeoJSON in WGS-84 degrees, of whatever kind it is.

    For an analysis: `Zone(zone.title, [(zone.title, zone.geometry)])`.
    """

    layer: FeatureLayer
    number: int
    title: str
    kind: str
    lon: float
    lat: float
    geometry: Mapping[str, Any]
    attributes: tuple[tuple[str, str], ...]


class LayerFeatures:
    """Asks the reader of files; all methods are for the GUI thread, answers come without blocking it."""

    def __init__(self, run: ThematicRun, layers: Callable[[], Sequence[FeatureLayer]]) -> None:
        self._run = run
        self._layers = layers

    def layers(self) -> Sequence[FeatureLayer]:
        """The layers that are read now, in the order of their names."""
        return sorted(self._layers(), key=lambda layer: layer.title)

    def layer(self, layer_id: str) -> FeatureLayer | None:
        """A layer that is read now."""
        return next((layer for layer in self._layers() if layer.id == layer_id), None)

    async def zone(self, layer_id: str, number: int) -> FeatureZone:
        """A feature with its geometry. Raises EnvironmentFault when it is not there (any more)."""
        layer = self.layer(layer_id)
        answer = await self._asked(layer_id, numbers=[number], whole=True)
        if layer is None or not answer.features:
            raise EnvironmentFault(_("This feature is no longer in its layer. Show the layer and choose it again."))
        return zone_of(layer, answer.features[0])

    async def found(
        self,
        layer_id: str,
        *,
        text: str = "",
        ring: Sequence[tuple[float, float]] = (),
        label: str = "",
        most: int = 1000,
    ) -> tuple[Sequence[Feature], int]:
        """The first `most` features by a part of their name, or within corners (lon, lat), and how many there are.

        `label` is the attribute that names them where it is not the usual one. Raises EnvironmentFault.
        """
        answer = await self._asked(layer_id, text=text, ring=[*ring], label=label, most=most)
        return answer.features, answer.count

    async def _asked(self, layer_id: str, **wanted: Any) -> Features:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Features | None] = loop.create_future()

        def took(answer: Features | None) -> None:
            if not waiting.done():
                waiting.set_result(answer)

        self._run.features(layer_id, took, **wanted)
        answer = await waiting
        if answer is None:
            raise EnvironmentFault(_("This layer is not read. Show it on a map first."))
        return answer


def zone_of(layer: FeatureLayer, feature: Feature) -> FeatureZone:
    """A feature that came with its geometry."""
    return FeatureZone(
        layer,
        feature.number,
        feature_title(feature.name, feature.number),
        feature.kind,
        feature.lon,
        feature.lat,
        json.loads(feature.geojson),
        tuple((name, value) for name, value in feature.attributes),
    )


def feature_title(name: str, number: int) -> str:
    """What a feature is called."""
    return name or _("feature {number}").format(number=number)
