"""One picture of a camera, now: its stream is opened, the first picture taken, and the stream let go."""

import asyncio
from datetime import datetime, timedelta

from msgspec import Struct
from PySide6.QtGui import QImage

from controlroom.clock import Clock
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.i18n import _
from controlroom.video.picture import Feed, Feeds, Picture

WIDTH_PX, HEIGHT_PX = 384, 216
"""What a still is fitted into: a camera's sub-stream is enough for it."""

LOOK_S = 0.025


class Still(Struct, frozen=True, kw_only=True):
    """A camera's picture with the time it arrived, or the sentence why there is none; without both it is awaited."""

    camera: Camera
    distance_m: float
    aimed: bool = True
    image: QImage | None = None
    at: datetime | None = None
    fault: str = ""

    @property
    def awaited(self) -> bool:
        """Whether it is still to come."""
        return self.image is None and not self.fault


def playable(camera: Camera) -> str:
    """Why a camera cannot be asked for a picture at all; empty where it can."""
    if camera.health is CameraHealth.OFFLINE:
        return _("The camera is offline")
    return "" if camera.url or camera.sub_url else _("This camera has no stream")


def arrived_at(clock: Clock, picture: Picture) -> datetime:
    """When the last packet of a picture came, on the clock of the wall."""
    return clock.now() - timedelta(seconds=max(clock.monotonic() - picture.received_s, 0.0))


async def stand_still(feeds: Feeds, clock: Clock, still: Still, within_s: float) -> Still:
    """The still with its picture, or with the sentence why there is none."""
    camera = still.camera
    why = playable(camera)
    if why:
        return _without(still, why)
    feed = feeds.watch(camera.url, camera.sub_url)
    try:
        feed.want(WIDTH_PX, HEIGHT_PX)
        until = clock.monotonic() + within_s
        while True:
            picture = feed.take()
            if picture is not None:
                return Still(
                    camera=camera,
                    distance_m=still.distance_m,
                    aimed=still.aimed,
                    image=_copied(picture),
                    at=arrived_at(clock, picture),
                )
            trouble = _trouble(feed)
            if trouble:
                return _without(still, trouble)
            if clock.monotonic() >= until:
                return _without(still, _("No picture within {span:.1f} s").format(span=within_s))
            await asyncio.sleep(LOOK_S)
    finally:
        feed.close()


def _trouble(feed: Feed) -> str:
    trouble = feed.view().trouble
    return "" if trouble is None else trouble.sentence


def _without(still: Still, fault: str) -> Still:
    return Still(camera=still.camera, distance_m=still.distance_m, aimed=still.aimed, fault=fault)


def _copied(picture: Picture) -> QImage:
    """The feed takes its memory back when it is closed."""
    form = QImage.Format.Format_RGB32
    return QImage(picture.pixels, picture.width, picture.height, picture.stride, form).copy()
