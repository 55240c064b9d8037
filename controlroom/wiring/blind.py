"""Layers of what no camera sees grow old when cameras fail, come back or are moved: then they say so."""

from PySide6.QtCore import QObject

from controlroom.i18n import _n
from controlroom.mapping.layers import LayerSpec
from controlroom.mapping.sight import CameraColumns, changed_between
from controlroom.wiring.seat import Seat


class BlindWatch(QObject):
    """Compares the cameras of now with those of which each layer was made."""

    def __init__(self, seat: Seat, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._held: dict[str, tuple[LayerSpec, str, CameraColumns]] = {}
        seat.directory.changed.connect(self._look)

    def watch(self, spec: LayerSpec, area: str) -> None:
        """A layer was made of the cameras of now, for an area of this key."""
        self._held[spec.id] = (spec, area, self._seat.directory.catalogue.columns)

    def forget(self, identity: str) -> None:
        """The layer is gone."""
        self._held.pop(identity, None)
        self._seat.layer_notes.pop(identity, None)

    def of_area(self, area: str) -> list[str]:
        """The layers that were made for an area."""
        return [identity for identity, (_spec, made_for, _columns) in self._held.items() if made_for == area]

    def _look(self) -> None:
        now = self._seat.directory.catalogue.columns
        for identity, (spec, _area, then) in self._held.items():
            count = changed_between(then, now)
            told = _n(
                "No longer true: {count} camera has changed since. Ask again.",
                "No longer true: {count} cameras have changed since. Ask again.",
                count,
            ).format(count=count)
            self._seat.layer_notes[identity] = (f"{told}\n{spec.note}", True) if count else (spec.note, False)
