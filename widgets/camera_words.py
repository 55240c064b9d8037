"""Cameras and the nodes of their directory in words: what can be played is told before anything is opened."""

from collections.abc import Callable, Mapping
from datetime import datetime

from controlroom.bridge.camera_catalogue import KIND_OF_CODE, Node
from controlroom.bridge.models.camera_tree import CameraWords
from controlroom.bridge.raw_text import harmless, tip
from controlroom.bridge.wording import age_text
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.picture_look import PictureLook
from controlroom.i18n import _
from widgets.camera_code import code_line
from widgets.video_badge import age as brief_age
from widgets.video_badge import picture_word


class DirectoryWords(CameraWords):
    """The words of the directory. `now` dates what is told; `reasons` stand in place of states, where there are any."""

    def __init__(self, group_name: Callable[[str], str]) -> None:
        self.now: datetime | None = None
        self.reasons: Mapping[str, str] = {}
        self.favourites: frozenset[str] = frozenset()
        self.looked: Callable[[str], PictureLook | None] = lambda _camera: None
        self._group_name = group_name

    def node(self, node: Node) -> str:
        """A department, area, kind or group by its name; parts of a large one by their numbers."""
        if node.path.startswith("kind/") and node.path.count("/") == 1:
            title = kind_word(node.words)
        elif node.path.startswith("group/"):
            title = self._group_name(node.words)
        else:
            title = harmless(node.words) or _("not told")
        return _("{title}, part {number}").format(title=title, number=node.page) if node.page else title

    def name(self, camera: Camera, identity: str) -> str:
        """A shape for the state, the name, and a star for a favourite."""
        star = " ★" if identity in self.favourites else ""
        return f"{state_mark(camera)} {harmless(camera.name) or identity}{star}"

    def state(self, camera: Camera) -> str:
        """Health and its age, what is wrong with the picture, and how the stream is fetched."""
        reason = self.reasons.get(camera.id)
        if reason is None:
            return state_line(camera, self.now, self.looked(camera.id))
        return reason if camera.url else f"{reason} · {_('no stream is shared')}"

    def tip(self, camera: Camera) -> str:
        """All that is known; nothing of the address but how the stream is fetched."""
        lines = (
            camera.name,
            camera.id,
            code_line(camera.id),
            " · ".join(word for word in (camera.department, camera.town, kind_word(camera.kind)) if word),
            state_line(camera, self.now, self.looked(camera.id)),
            self.reasons.get(camera.id, ""),
        )
        return tip("\n".join(line for line in lines if line))


def state_mark(camera: Camera) -> str:
    """A shape for the state, beside the word."""
    if not camera.url:
        return "○"
    if camera.faults and camera.health is not CameraHealth.OFFLINE:
        return "◐"
    return {CameraHealth.ONLINE: "●", CameraHealth.OFFLINE: "✕"}.get(camera.health, "◌")


def state_line(camera: Camera, now: datetime | None, look: PictureLook | None = None) -> str:
    """Whether and how a camera can be played, and how its picture was when somebody last looked; how old that is."""
    words = {
        CameraHealth.ONLINE: _("online"),
        CameraHealth.OFFLINE: _("offline"),
        CameraHealth.UNKNOWN: _("state unknown"),
    }
    parts = [words[camera.health]]
    if camera.health_at is not None and now is not None:
        parts[0] += f" {_ago(now, camera.health_at)}"
    if look is not None and now is not None:
        is_well = look.had_picture and not look.faults
        parts.insert(len(parts) if is_well else 0, look_line(look, now))
    elif camera.health is not CameraHealth.OFFLINE and camera.faults:
        parts.append(_(", ").join(map(picture_word, camera.faults)))
    parts.append(protocol_word(camera.url) or _("no stream is shared"))
    return " · ".join(parts)


def look_line(look: PictureLook, now: datetime) -> str:
    """What was seen when somebody last looked at a picture, and how long ago that was."""
    age = _ago(now, look.at)
    if not look.had_picture:
        return _("no picture came {age}").format(age=age)
    if not look.faults:
        return _("picture fine {age}").format(age=age)
    return _("picture {faults} {age}").format(faults=_(", ").join(map(picture_word, look.faults)), age=age)


def _ago(now: datetime, at: datetime) -> str:
    """In one unit, for a row is narrow; a time ahead of ours is said to be ahead."""
    age_s = (now - at).total_seconds()
    return _("{span} ago").format(span=brief_age(age_s)) if age_s > -1.0 else age_text(age_s)


def protocol_word(url: str) -> str:
    """How a stream is fetched, by the scheme of its address; empty without one."""
    scheme, _rest, path = url.partition(":")
    path = path.partition("?")[0].lower()
    scheme = scheme.lower()
    if not url:
        return ""
    if scheme in ("http", "https"):
        return "HLS" if path.endswith(".m3u8") else "HTTP-FLV" if path.endswith(".flv") else "HTTP"
    known = {"rtsp": "RTSP", "rtsps": "RTSPS", "rtmp": "RTMP", "rtmps": "RTMPS", "udp": "MPEG-TS"}
    return known.get(scheme) or (_("video platform") if scheme == "platform" else _("file"))


def kind_word(kind: str) -> str:
    """A kind of camera in words; one that nobody knows as its source calls it."""
    code = kind.removeprefix(KIND_OF_CODE)
    words = {
        "": _("kind not told"),
        "fixed": _("fixed camera"),
        "dome": _("dome camera"),
        "half_dome": _("half dome camera"),
        "steerable": _("steerable camera"),
        "panoramic": _("panoramic camera"),
    }
    if kind.startswith(KIND_OF_CODE):
        return {"131": _("camera"), "132": _("network camera")}.get(code) or _("kind {code}").format(code=code)
    return words.get(kind) or harmless(kind)
