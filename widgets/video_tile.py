"""One tile of a wall: what it shows now, and how that is painted."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen, QPixmap, QRegion

from controlroom.domain.camera import Camera, PictureFault
from controlroom.i18n import _
from controlroom.video.past import Past, Where
from controlroom.video.picture import Feed, Feeds, Picture
from controlroom.video.share import Rank
from controlroom.video.signal import OFF, SignalState, View
from widgets.video_badge import age, age_step, badges, draw_shape, label
from widgets.video_past import PAST, PAST_INK, PastTile, draw_clock
from widgets.video_plate import PLATE_INK, fill_around, paint_plate, sized, strip_height, write_below
from widgets.video_still import Still

_STATE_EVERY = 8
"""Pictures are looked for more often than the state of a tile without a new one."""

_NAME_SHARE = 0.34
"""Of the strip: so much is kept for the name, however much the badge has to tell beside the state and its age."""
_NAME_LEAST = 0.2
"""Where the badge's label would leave less than this, the badge is shortened further and the name keeps its share."""
_STRIP = QColor(0x16, 0x18, 0x1A)
_VEIL = QColor(0, 0, 0, 110)
_HATCH = QColor(0xE9, 0xC4, 0x6A, 90)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a picture was painted as it came, and what is around it: the next one of its size is painted alone."""

    area: QRect
    around: QRegion
    size: QSize


WHOLE = QRectF(0.0, 0.0, 1.0, 1.0)
"""All of a picture."""


class Tile:
    """A place of the wall; `box` is its rectangle in device pixels. It owns the feed that it opens."""

    def __init__(self, feeds: Feeds, live: bool = True, *, is_display: bool = False) -> None:
        self._feeds = feeds
        self._is_live = live
        self._is_display = is_display
        self.file: tuple[str, float] | None = None
        self._feed: Feed | None = None
        self._urls = ("", "")
        self._looks = 0
        self._rank = Rank.ORDINARY
        self._picture: Picture | None = None
        self._image: QImage | None = None
        self._grey: QImage | None = None
        self._face: tuple[object, ...] = ()
        self._strip: QPixmap | None = None
        self._strip_key: tuple[object, ...] = ()
        self.camera_id = ""
        self.camera: Camera | None = None
        self.note = ""
        self.failure = ""
        """Why its painting failed the last time, empty while it does not."""
        self.view = OFF
        self.box = QRect()
        self._inner = QRect()
        self._spot: _Spot | None = None
        self.is_only_picture = False
        self.is_steered = False
        """Whether its camera was turned on purpose."""
        self.part = WHOLE
        """The part of a live picture that fills the tile (digital zoom), each 0…1."""
        self.picture_rect = QRectF()
        """Where the picture was painted last, in units of the widget."""
        self._at: datetime | None = None
        self._past = PastTile(feeds)

    @property
    def at(self) -> datetime | None:
        """The past moment that the tile looks at, None while it is live."""
        return self._at

    @property
    def past(self) -> Past:
        """What was found of that moment."""
        return self._past.past

    @property
    def shown_at(self) -> datetime | None:
        """The moment of the past picture that is seen, None where none is."""
        return self._past.shown_at

    def still(self) -> Still | None:
        """The picture that is seen, to be kept; None where there is none."""
        if self.camera is None:
            return None
        if self._at is not None:
            image, shown_at = self._past.image, self._past.shown_at
            return None if image is None or shown_at is None else Still(self.camera, image.copy(), shown_at, 0.0, True)
        is_seen = self.view.is_moving or self.view.state is SignalState.FROZEN
        if self._image is None or not is_seen:
            return None
        return Still(self.camera, self._image.copy(), None, self.view.age_s or 0.0, self.view.is_moving)

    def look_at(self, at: datetime | None, speed: float) -> bool:
        """Show this past moment and go on from it at a speed, None is the present; whether `place` must follow."""
        turns = (at is None) is not (self._at is None)
        self._at = at
        if at is None:
            self._past.close()
        else:
            self._past.seek(at, speed)
        if turns:
            self._picture = self._image = self._grey = self._spot = None  # what is older than the look away is not live
            self._face = ()
        return turns

    def describe(self) -> list[str]:
        """The tile's look at the past in words."""
        told = [self._past.sentence()]
        return told if self._past.has_picture else [*told, self._past.message(self.camera, self.camera_id)]

    @property
    def name(self) -> str:
        """What the officer calls the camera, after why it is here."""
        name = self.camera.name if self.camera is not None else self.camera_id
        return _("{note} · {name}").format(note=self.note, name=name) if self.note else name

    def show_camera(self, camera_id: str, camera: Camera | None) -> None:
        """Show this camera from the next `place` on; an empty id empties the tile."""
        if camera_id != self.camera_id:
            self.release()
            self.part, self.is_steered = WHOLE, False
        self.camera_id, self.camera = camera_id, camera

    def place(self, box: QRect, ratio: float, is_shown: bool) -> None:
        """Take a rectangle in device pixels and (re)open the stream that suits it; hidden tiles want no picture.

        The strip lies above the picture, not on it: cameras burn their own clock into that corner.
        """
        self.box = box
        self._inner = box.adjusted(0, int(strip_height(box.height() / ratio) * ratio), 0, 0)
        urls = ("", "") if self.camera is None else (self.camera.url, self.camera.sub_url)
        if urls != self._urls:
            self.release()
            self._urls = urls
        if self._feed is None and any(urls) and is_shown and self._is_live:
            self._feed = self._feeds.watch(*urls)
            self._feed.wish(self._rank)
        if self._feed is not None:
            self._feed.want(*(self._size() if is_shown and self._at is None else (0, 0)))
        if self._at is not None and is_shown and self.camera is not None:
            self._past.open(Where(self.camera_id, *urls, *(self.file or ())))
            self._past.want(*self._size())
        else:
            self._past.close()
        self._face, self._spot = (), None

    def _size(self) -> tuple[int, int]:
        return self._inner.width(), self._inner.height()

    @property
    def spot(self) -> QRect:
        """Where the live picture lies, in units of the widget; empty where it is not seen as it came."""
        return QRect() if self._spot is None else self._spot.area

    def _whole(self, ratio: float) -> QRect:
        box = self.box
        return QRectF(box.x() / ratio, box.y() / ratio, box.width() / ratio, box.height() / ratio).toAlignedRect()

    def reword(self) -> None:
        """Write everything anew: the language is another one."""
        self._strip_key = self._face = ()
        self._spot = None

    def _excused(self, view: View) -> View:
        """A camera that was turned on purpose looks elsewhere, and that is no fault of its picture."""
        if not self.is_steered or not view.faults or PictureFault.MOVED not in view.faults:
            return view
        kept = tuple(fault for fault in view.faults if fault is not PictureFault.MOVED)
        return msgspec.structs.replace(view, faults=kept)

    def show_part(self, part: QRectF) -> None:
        """Fill the tile with a part of the live picture (each 0…1): digital zoom."""
        self.part, self._spot = part, None

    def release(self) -> None:
        """Let go of the stream and its picture."""
        if self._feed is not None:
            self._feed.close()
        self._feed, self._urls = None, ("", "")
        self._past.close()
        self._picture = self._image = self._grey = self._spot = None
        self.view = OFF
        self._face = ()

    def prefer(self, rank: Rank) -> None:
        """How much this tile matters where not all can have everything."""
        if rank is not self._rank:
            self._rank = rank
            if self._feed is not None:
                self._feed.wish(rank)

    def refresh(self) -> bool:
        """Take the newest picture and state; whether the tile looks different now.

        Where `is_only_picture` is true then, nothing but `spot` does.
        """
        self.is_only_picture = False
        face: tuple[object, ...]
        if self._at is not None:
            face = (self.camera_id, self.name, *self._past.take())
        elif self._feed is None:
            face = (self.camera_id, self.name)
        else:
            picture = self._feed.take()
            self._looks += 1
            if self._face and self._looks % _STATE_EVERY and (picture is None or self.view.is_moving):
                if picture is not None:
                    self._take(picture)
                    self.is_only_picture = self._spot is not None
                return picture is not None
            self.view = view = self._excused(self._feed.view())
            if picture is not None:
                self._take(picture)
            face = (self.camera_id, self.name, *_badge_key(view), view.trouble)
            if face == self._face:
                self.is_only_picture = self._spot is not None
                return picture is not None and view.is_moving
            self._spot = None
        if face == self._face:
            return False
        self._face = face
        return True

    def paint(
        self, painter: QPainter, palette: QPalette, font: QFont, ratio: float, region: QRegion | None = None
    ) -> None:
        """Draw the tile; `ratio` is device pixels per unit of the painter, `region` what is asked for (None: all)."""
        spot, image = self._spot, self._image
        if spot is not None and region is not None and image is not None and not region.intersects(spot.around):
            image.setDevicePixelRatio(ratio)
            painter.drawImage(spot.area.topLeft(), image)
            return
        self._spot = None
        box = self.box
        whole = QRectF(box.x() / ratio, box.y() / ratio, box.width() / ratio, box.height() / ratio)
        area = whole.adjusted(0, strip_height(whole.height()), 0, 0)
        has_picture = self._image is not None and (self.view.is_moving or self.view.state is SignalState.FROZEN)
        if not self.camera_id:
            self._paint_empty(painter, palette, font, whole)
            return
        if self._at is not None:
            self._paint_past(painter, palette, font, whole, area, ratio)
            return
        if has_picture:
            self._paint_picture(painter, area, ratio)
        else:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
        if self.view.state is SignalState.FROZEN and has_picture:
            self._paint_veil(painter, font, area)
        elif not self.view.is_moving:
            self._paint_message(painter, palette, font, area)
        painter.drawPixmap(whole.topLeft(), self._draw_strip(font, whole.width(), ratio))

    def _take(self, picture: Picture) -> None:
        # The image only points into the picture, which therefore is kept beside it.
        self._picture = picture
        pixels, form = picture.pixels, QImage.Format.Format_RGB32
        self._image = QImage(pixels, picture.width, picture.height, picture.stride, form)
        if self._spot is not None and self._spot.size != self._image.size():
            self._spot = None
        self._grey = None

    def _paint_past(
        self, painter: QPainter, palette: QPalette, font: QFont, whole: QRectF, area: QRectF, ratio: float
    ) -> None:
        """The picture of a past moment in a frame of its own, or why there is none."""
        if self._past.has_picture and self._past.image is not None:
            self._paint_image(painter, self._past.image, area, ratio)
        else:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
            side = min(28.0, area.height() / 6)
            box = QRectF(area.center().x() - side / 2, area.top() + area.height() * 0.18, side, side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(PAST)
            painter.drawEllipse(box)
            draw_clock(painter, box.adjusted(side * 0.12, side * 0.12, -side * 0.12, -side * 0.12))
            message = self._past.message(self.camera, self.camera_id)
            write_below(painter, sized(font, area, 1.0), palette, area, box, (message,))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(PAST, 4))
        painter.drawRect(whole.adjusted(2, 2, -2, -2))
        painter.drawPixmap(whole.topLeft(), self._draw_strip(font, whole.width(), ratio))

    def _paint_picture(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        assert self._image is not None
        image = self._image
        if not self.view.is_moving:
            if self._grey is None:
                self._grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
            image = self._grey
        self._paint_image(painter, image, area, ratio)

    def _paint_image(self, painter: QPainter, image: QImage, area: QRectF, ratio: float) -> None:
        box = self._inner
        fits = image.width() <= box.width() and image.height() <= box.height()
        near = image.width() >= box.width() - 2 or image.height() >= box.height() - 2
        scale = 1.0 if fits and near else min(box.width() / image.width(), box.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        left, top = (box.width() - width) // 2, (box.height() - height) // 2
        target = QRectF((box.x() + left) / ratio, (box.y() + top) / ratio, width / ratio, height / ratio)
        self.picture_rect = target
        if self.part != WHOLE and self._at is None:
            self._spot = None
            image.setDevicePixelRatio(1.0)
            part, size = self.part, (image.width(), image.height())
            source = QRectF(part.x() * size[0], part.y() * size[1], part.width() * size[0], part.height() * size[1])
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, image, source)
        elif scale == 1.0:
            image.setDevicePixelRatio(ratio)
            painter.drawImage(target.topLeft(), image)
            if image is self._image and ratio == int(ratio):
                around = QRegion(area.toAlignedRect().united(self._whole(ratio))) - QRegion(target.toAlignedRect())
                self._spot = _Spot(target.toAlignedRect(), around, image.size())
        else:
            image.setDevicePixelRatio(1.0)
            painter.drawImage(target, image)
        fill_around(painter, area, target)

    def _paint_veil(self, painter: QPainter, font: QFont, area: QRectF) -> None:
        painter.fillRect(area, _VEIL)
        painter.fillRect(area, QBrush(_HATCH, Qt.BrushStyle.BDiagPattern))
        since = age(self.view.age_s or 0.0)
        heads = (_("Picture frozen · {age}").format(age=since), since)
        below = "" if self.view.trouble is None else self.view.trouble.sentence
        paint_plate(painter, sized(font, area, 1.35), area, heads, below, self.view.state)

    def _paint_message(self, painter: QPainter, palette: QPalette, font: QFont, area: QRectF) -> None:
        inner = area.adjusted(10, area.height() * 0.04, -10, -6)
        side = min(28.0, area.height() / 6)
        shape = QRectF(inner.center().x() - side / 2, inner.top() + inner.height() * 0.14, side, side)
        draw_shape(painter, self.view.state, shape)
        write_below(painter, sized(font, area, 1.0), palette, area, shape, (self._message(), label(self.view)))

    def _message(self) -> str:
        if self.camera is None:
            return _("The camera {id} is not known here").format(id=self.camera_id)
        if not (self.camera.url or self.camera.sub_url):
            return _("This camera has no stream")
        if self.view.trouble is not None:
            return self.view.trouble.sentence
        return label(self.view)

    def _paint_empty(self, painter: QPainter, palette: QPalette, font: QFont, area: QRectF) -> None:
        painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1, Qt.PenStyle.DashLine))
        painter.drawRect(area.adjusted(6, 6, -7, -7))
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.setFont(sized(font, area, 1.0))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        hint = "" if self._is_display else _("Empty tile: drop a camera here")
        painter.drawText(area.adjusted(12, 12, -12, -12), int(flags), self.note or hint)

    def _draw_strip(self, font: QFont, width: float, ratio: float) -> QPixmap:
        """Name and badge on a dark strip, drawn anew only when one of them changes."""
        is_past = self._at is not None
        told = (self._past.badge(),) if is_past else _badge_key(self.view)
        key = (self.name, *told, is_past, width, ratio, self.box.height(), font.key())
        if self._strip is not None and key == self._strip_key:
            return self._strip
        forms = self._past.badges() if is_past else badges(self.view)
        face = sized(font, QRectF(0, 0, width, self.box.height() / ratio), 1.0)
        metrics = QFontMetrics(face)
        height = strip_height(self.box.height() / ratio)
        pixmap = QPixmap(max(1, int(width * ratio)), max(1, int(height * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(PAST if is_past else _STRIP)
        painter = QPainter(pixmap)
        painter.setFont(face)
        painter.setPen(PAST_INK if is_past else PLATE_INK)
        side = metrics.ascent() * 0.72
        free = width - side - 28
        least = metrics.horizontalAdvance(self._past.badge() if is_past else label(self.view))
        spare = free - least if free - least > width * _NAME_LEAST else width * _NAME_SHARE
        named = min(metrics.horizontalAdvance(self.name), width * _NAME_SHARE, max(0.0, spare))
        text = next(form for form in forms if metrics.horizontalAdvance(form) <= max(0.0, free - named) + 1)
        right = width - 8 - metrics.horizontalAdvance(text)
        line = (height + metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(right, line), text)
        shape = QRectF(right - side - 6, (height - side) / 2, side, side)
        if is_past:
            draw_clock(painter, shape)
        else:
            draw_shape(painter, self.view.state, shape)
        room = int(right - side - 20)
        name = metrics.elidedText(self.name, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(QPointF(8, line), name)
        painter.end()
        self._strip, self._strip_key = pixmap, key
        return pixmap


def _badge_key(view: View) -> tuple[object, ...]:
    """Changes when the words of the badge do."""
    return view.state, age_step(view.age_s), view.share, view.faults
