"""What departments' plugins may ask of the room, answered."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from controlroom.bridge.models.incident_model import NewIncident
from controlroom.mapping.layers import ColourClass, LayerPoint, LayerSpec
from controlroom.shell.plugin_context import IncidentDraft, RoomDoors, ShownLayer
from controlroom.wire.frames import Readings
from controlroom.wiring.seat import Seat


def doors(seat: Seat, open_incident: Callable[[IncidentDraft], None]) -> RoomDoors:
    """The doors of a seat."""

    def history(indices: list[int], since: datetime, told: Callable[[Readings], None]) -> None:
        seat.tasks.spawn(fetch(indices, since, told), "plugin history")

    async def fetch(indices: list[int], since: datetime, told: Callable[[Readings], None]) -> None:
        told(await seat.commands.recent_readings(indices, since))

    return RoomDoors(
        open_incident=open_incident,
        select=seat.selection.select,
        history=history,
        show_layer=lambda layer: _show(seat, layer),
    )


def proposal(draft: IncidentDraft) -> NewIncident:
    """What a plugin proposes, as the dialog takes it."""
    return NewIncident(title=draft.title, grade=draft.grade, alarms=draft.alarms, text=draft.text, point=draft.point)


def _show(seat: Seat, layer: ShownLayer) -> None:
    """Keep the layer for maps that are opened later, and tell those that are there."""
    held = seat.layers.get(layer.id)
    spec = msgspec.structs.replace(held[0] if held is not None else _spec(layer), data_at=layer.data_at)
    points = [
        LayerPoint(mark.id, mark.label, mark.point.lon, mark.point.lat, mark.value, mark.level) for mark in layer.marks
    ]
    seat.layers[layer.id] = (spec, points)
    # Its marks are those of this moment: no map of an earlier time shows them.
    seat.layers_made[layer.id] = seat.clock.now()
    seat.requests.layer_changed.emit(layer.id)


def _spec(layer: ShownLayer) -> LayerSpec:
    classes = tuple(ColourClass(label, colour) for label, colour in layer.classes)
    return LayerSpec(id=layer.id, title=layer.title, classes=classes, unit=layer.unit)
