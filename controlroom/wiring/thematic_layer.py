"""One thematic layer: its file's head, what was read of it, and how the tree, the map and analyses know it."""

from dataclasses import dataclass
from pathlib import Path

from controlroom.bridge.layer_features import FeatureLayer
from controlroom.bridge.thematic_wording import entry_fault, system_words
from controlroom.domain.times import from_ms
from controlroom.mapping.layer_tree import Layer, LayerGroup, LegendLine
from controlroom.mapping.sheets import SheetLook
from controlroom.mapping.thematic.messages import Entry, Opened
from controlroom.mapping.thematic.systems import Told

_SHAPES = {"line": "line", "area": "area"}
_LONGEST = 80


@dataclass
class ThematicLayer:
    """`number` names its tiles, `version` grows with every reading; `failed` is why it could not be read."""

    entry: Entry
    number: int
    opened: Opened | None = None
    reading: bool = False
    failed: str = ""
    version: int = 0
    wanted: bool = False
    asks_system: bool = False

    @property
    def title(self) -> str:
        """What the officer calls it."""
        return self.opened.title if self.opened is not None and not self.entry.table else self.entry.title

    @property
    def fault(self) -> str:
        """What is wrong with the file, or why it was not read."""
        entry = self.entry
        return entry_fault(Path(entry.path).name, entry) if entry.fault is not None else self.failed

    @property
    def count(self) -> int | None:
        """How many features it has, as far as it is known."""
        return self.opened.count if self.opened else self.entry.count

    @property
    def data_at_ms(self) -> int:
        """Of when its data is (ms UTC), 0 where nothing tells."""
        return self.opened.data_at_ms if self.opened else self.entry.data_at_ms

    def layer(self, key: str, known: Layer | None) -> Layer:
        """Its place in the tree; until it is read, what is `known` of its fields stays."""
        entry, opened = self.entry, self.opened
        low, high = entry.zoom
        return Layer(
            id=key,
            title=self.title,
            group=LayerGroup.THEMATIC,
            legend=self._legend(),
            source=(opened.source if opened else entry.source) or Path(entry.path).name,
            shown=False,
            opacity=entry.opacity,
            min_zoom=low,
            max_zoom=high,
            stale_after_s=entry.stale_after_s,
            fields=opened.fields if opened else known.fields if known is not None else (),
            label=opened.label if opened else known.label if known is not None else "",
        )

    def look(self, key: str, label: str) -> SheetLook | None:
        """How a map draws it, None until it is read; `label` is the field whose values stand beside its features."""
        opened = self.opened
        if opened is None:
            return None
        shape = _shape(opened)
        doubtful = opened.system.told in (Told.GUESSED, Told.NAMED) or not opened.system.exact
        return SheetLook(
            key,
            self.number,
            self.version,
            tuple((one.colour, shape, one.label[:_LONGEST]) for one in opened.classes),
            opened.width,
            opened.fill,
            self.title,
            system_words(opened.system).partition("\n")[0] if doubtful else "",
            label,
            opened.label_zoom,
        )

    def features(self, key: str) -> FeatureLayer | None:
        """What analyses may ask of it, None until it is read."""
        opened = self.opened
        if opened is None:
            return None
        return FeatureLayer(
            id=key,
            title=self.title,
            fields=opened.fields,
            source=opened.source or Path(self.entry.path).name,
            data_at=from_ms(opened.data_at_ms) if opened.data_at_ms > 0 else None,
            stale_after_s=opened.stale_after_s,
            has_areas="area" in opened.kinds,
        )

    def _legend(self) -> tuple[LegendLine, ...]:
        entry, opened = self.entry, self.opened
        if opened is None:
            shape = _SHAPES.get(entry.kind, entry.shape)
            return (LegendLine(shape, entry.colour, entry.title),) if entry.colour else ()
        shape = _shape(opened)
        return tuple(LegendLine(shape, one.colour, one.label or opened.title) for one in opened.classes)


def _shape(opened: Opened) -> str:
    kind = opened.kinds[-1] if opened.kinds else "point"
    return _SHAPES.get(kind, opened.shape)
