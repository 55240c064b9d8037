"""Which cameras of a wall matter more than others, and which the officer marked."""

from collections.abc import Iterable

from controlroom.video.share import Rank

_MOST = 256


class Marks:
    """The officer's must-watch marks and the cameras of standing alarms. The oldest marks beyond a bound go."""

    def __init__(self) -> None:
        self._must_watch: dict[str, None] = {}
        self.alarmed: frozenset[str] = frozenset()

    @property
    def must_watch(self) -> frozenset[str]:
        """The cameras that the officer marked."""
        return frozenset(self._must_watch)

    def listed(self) -> list[str]:
        """The marked cameras, the oldest mark first."""
        return list(self._must_watch)

    def set(self, camera_id: str, is_must_watch: bool) -> bool:
        """Mark a camera or take the mark away; whether that changed anything."""
        if not camera_id or is_must_watch is (camera_id in self._must_watch):
            return False
        if is_must_watch:
            self._must_watch[camera_id] = None
            while len(self._must_watch) > _MOST:
                del self._must_watch[next(iter(self._must_watch))]
        else:
            del self._must_watch[camera_id]
        return True

    def set_alarmed(self, cameras: Iterable[str]) -> None:
        """The cameras of standing alarms."""
        self.alarmed = frozenset(cameras)

    def rank(self, camera_id: str, is_current: bool) -> Rank:
        """How much a tile with this camera matters where not all can have everything."""
        if camera_id in self._must_watch:
            return Rank.MUST_WATCH
        if camera_id in self.alarmed:
            return Rank.ALARM
        return Rank.CURRENT if is_current else Rank.ORDINARY
