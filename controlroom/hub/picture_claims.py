"""Which seat's patrol may look at which camera now: one at a time, since the hub answers one question after another."""

from datetime import datetime, timedelta

from controlroom.domain.picture_look import PictureLook
from controlroom.domain.room import Room
from controlroom.wire.pictures import ClaimPictures, PicturesClaimed

LASTS_S = 60.0
"""A claim ends by itself after so long, which is longer than a patrol looks; house figure."""
_MOST = 4096


class PictureClaims:
    """Claims are kept in memory alone: a hub that begins anew finds all streams closed, for seats close them then."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held: dict[str, tuple[str, datetime]] = {}

    def claim(self, asked: ClaimPictures, now: datetime) -> PicturesClaimed:
        """What of the question is granted."""
        self._held = {name: held for name, held in self._held.items() if self._holds(name, held, now)}
        granted = []
        for camera in asked.cameras:
            look, is_room = self._room.looks.get(camera), len(self._held) < _MOST
            is_fresh = look is not None and look.is_fresh(now)
            if is_room and not is_fresh and camera in self._room.cameras and camera not in self._held:
                self._held[camera] = asked.seat, now
                granted.append(camera)
        return PicturesClaimed(cameras=tuple(granted), lasts_s=LASTS_S)

    def _holds(self, camera: str, held: tuple[str, datetime], now: datetime) -> bool:
        """Whether a claim is still one: not looked at since, not over; a clock that was set back ends all."""
        look: PictureLook | None = self._room.looks.get(camera)
        since = held[1]
        return timedelta() <= now - since < timedelta(seconds=LASTS_S) and (look is None or look.at < since)
