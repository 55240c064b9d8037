"""The part of a room's state that teams, hazard sources and spaces are."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from controlroom.domain.asset import Asset
from controlroom.domain.events import AssetsDeclared, AssetsMoved, Event

_CHUNK = 2000


class AssetBook:
    """Folds events about assets into `held`, by id; what was removed is not in it."""

    def __init__(self) -> None:
        self.held: dict[str, Asset] = {}
        self.fold: dict[type, Callable[[Any], None]] = {
            AssetsDeclared: self._declared,
            AssetsMoved: self._moved,
        }

    def snapshot(self) -> Iterator[Event]:
        """The events that rebuild this state."""
        assets = list(self.held.values())
        for start in range(0, len(assets), _CHUNK):
            yield AssetsDeclared(tuple(assets[start : start + _CHUNK]))

    def _declared(self, event: AssetsDeclared) -> None:
        for asset in event.assets:
            if asset.removed:
                self.held.pop(asset.id, None)
            else:
                self.held[asset.id] = asset

    def _moved(self, event: AssetsMoved) -> None:
        for identity, point, seen_at in zip(event.ids, event.points, event.seen_at, strict=True):
            asset = self.held.get(identity)
            if asset is not None:
                self.held[identity] = msgspec.structs.replace(asset, point=point, seen_at=seen_at)
