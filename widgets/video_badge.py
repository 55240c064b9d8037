"""The state of a picture as colour, shape and word."""

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from controlroom.domain.camera import PictureFault
from controlroom.i18n import _
from controlroom.video.ring import Kept
from controlroom.video.share import rank_word
from controlroom.video.share import word as share_word
from controlroom.video.signal import SignalState, View

_COLOURS = {
    SignalState.LIVE: QColor(0x6F, 0xB0, 0x8A),
    SignalState.DEGRADED: QColor(0xC4, 0xC8, 0x5A),
    SignalState.CONNECTING: QColor(0x9A, 0xB4, 0xCC),
    SignalState.FROZEN: QColor(0xE9, 0xC4, 0x6A),
    SignalState.NO_SIGNAL: QColor(0xF4, 0x60, 0x36),
    SignalState.REFUSED: QColor(0xE0, 0x4A, 0x5C),
    SignalState.OFF: QColor(0xA0, 0xA4, 0xA8),
}


def colour(state: SignalState) -> QColor:
    """The colour of a state; it reads on black in both themes."""
    return _COLOURS[state]


def word(state: SignalState) -> str:
    """The state in a word."""
    match state:
        case SignalState.LIVE:
            return _("Live")
        case SignalState.DEGRADED:
            return _("Degraded")
        case SignalState.CONNECTING:
            return _("Connecting")
        case SignalState.FROZEN:
            return _("Picture frozen")
        case SignalState.NO_SIGNAL:
            return _("No signal")
        case SignalState.REFUSED:
            return _("Refused")
        case SignalState.OFF:
            return _("Off")


def age(age_s: float) -> str:
    """An age as people say it: below a second, seconds, minutes, hours."""
    if age_s < 1.0:
        return _("<1 s")
    if age_s < 120.0:
        return _("{seconds} s").format(seconds=int(age_s))
    if age_s < 7200.0:
        return _("{minutes} min").format(minutes=int(age_s // 60))
    return _("{hours} h").format(hours=int(age_s // 3600))


def age_step(age_s: float | None) -> int | None:
    """A number that changes when the words for an age do."""
    if age_s is None or age_s < 120.0:
        return None if age_s is None else int(age_s)
    return 120 + int(age_s // 60)


def label(view: View) -> str:
    """Word and age of the picture, where there is one."""
    if view.age_s is None:
        return word(view.state)
    return _("{state} · {age}").format(state=word(view.state), age=age(view.age_s))


def badge(view: View) -> str:
    """The label and, of a picture that moves, what is wrong with it, what the tile gets, and why."""
    return _(" · ").join([label(view), *_more(view)])


def _more(view: View) -> list[str]:
    """What a badge tells of a moving picture behind its label."""
    if not view.is_moving:
        return []
    what = share_word(view.share)
    told = [picture_word(fault) for fault in view.faults or ()]
    told += [_("{what} (budget)").format(what=what) if what and view.share.is_short else what]
    told += [rank_word(view.share.rank)]
    return [part for part in told if part]


def badges(view: View) -> Iterator[str]:
    """The badge from its longest form to nothing but the shape beside it; what is left out is counted, never cut."""
    more = _more(view)
    yield badge(view)
    for kept in range(len(more) - 1, -1, -1):
        yield _("{badge} +{count}").format(badge=_(" · ").join([label(view), *more[:kept]]), count=len(more) - kept)
    alone = word(view.state) if view.age_s is None or view.is_moving else age(view.age_s)
    if more:
        yield _("{badge} +{count}").format(badge=alone, count=len(more))
    yield alone
    if more:
        yield f"+{len(more)}"
    yield ""


def kept_text(kept: Kept, now_s: float) -> str:
    """How far instant replay reaches back, and what that takes of its bound."""
    return _("Instant replay: the last {age}, {held} of at most {most} MB").format(
        age=age(max(0.0, now_s - kept.since_s)),
        held=round(kept.bytes / 2**20),
        most=round(kept.most_bytes / 2**20),
    )


def picture_word(fault: PictureFault) -> str:
    """What is wrong with a picture, in a word or two."""
    match fault:
        case PictureFault.BLACK:
            return _("black")
        case PictureFault.FROZEN:
            return _("same picture")
        case PictureFault.BLURRED:
            return _("blurred")
        case PictureFault.TINTED:
            return _("colour cast")
        case PictureFault.COVERED:
            return _("covered")
        case PictureFault.MOVED:
            return _("view moved")


def draw_shape(painter: QPainter, state: SignalState, box: QRectF) -> None:
    """The shape of a state: disc live, half disc degraded, ring connecting, bars frozen, triangle no signal, diamond
    refused, frame off."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tone = colour(state)
    middle = box.center()
    if state in (SignalState.CONNECTING, SignalState.OFF):
        inner = box.adjusted(1, 1, -1, -1)
        painter.setPen(QPen(tone, max(1.5, box.width() / 6)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if state is SignalState.OFF:
            painter.drawRect(inner)
        else:
            painter.drawEllipse(inner)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tone)
        painter.drawPath(_filled(state, box, middle))
    painter.restore()


def _filled(state: SignalState, box: QRectF, middle: QPointF) -> QPainterPath:
    path = QPainterPath()
    if state is SignalState.LIVE:
        path.addEllipse(box)
    elif state is SignalState.DEGRADED:
        path.moveTo(box.left(), middle.y())
        path.arcTo(box, 180.0, 180.0)
        path.closeSubpath()
        path.addRect(QRectF(box.left(), box.top() + 1, box.width(), max(1.0, box.height() / 6)))
    elif state is SignalState.FROZEN:
        bar = box.width() / 3
        path.addRect(QRectF(box.left(), box.top(), bar, box.height()))
        path.addRect(QRectF(box.right() - bar, box.top(), bar, box.height()))
    elif state is SignalState.NO_SIGNAL:
        path.addPolygon(QPolygonF([QPointF(middle.x(), box.top()), box.bottomRight(), box.bottomLeft()]))
    else:
        corners = [
            QPointF(middle.x(), box.top()),
            QPointF(box.right(), middle.y()),
            QPointF(middle.x(), box.bottom()),
            QPointF(box.left(), middle.y()),
        ]
        path.addPolygon(QPolygonF(corners))
    return path
