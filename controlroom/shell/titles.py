"""Names of windows and panels where neither the layout nor the panel gives one."""

from controlroom.i18n import _, language
from layouts import Role, Window, words


def window_title(spec: Window) -> str:
    """The layout's own title, else the name of the role."""
    titles = {
        Role.DESK: _("Duty desk"),
        Role.MAP: _("District map"),
        Role.VIDEO: _("Video"),
        Role.TRENDS: _("Trends"),
        Role.COMMAND: _("Incident command"),
        Role.DRILL: _("Drill"),
        Role.DEPARTMENT: _("Departments"),
        Role.WALL: _("Wall"),
    }
    return words(spec.title, language()) or titles[spec.role]


def panel_title(kind: str) -> str:
    """The name of a kind of panel."""
    titles = {
        "alarms": _("Alarms"),
        "alarm_detail": _("Alarm detail"),
        "incidents": _("Incidents"),
        "map": _("District map"),
        "video_wall": _("Video wall"),
        "cameras": _("Cameras"),
        "playback": _("Playback"),
        "sensors": _("Sensors"),
        "suppressions": _("What is held back"),
        "plots": _("Trends"),
        "log": _("Duty log"),
        "drill": _("Drill"),
        "sources": _("Sources"),
        "wall_control": _("Wall control"),
        "clock": _("Time of day"),
        "text": _("Notice text"),
        "image": _("Picture"),
        "plot": _("Trends"),
        "web": _("Web page"),
    }
    if kind.startswith("plugin:"):
        return _("Plugin {name}").format(name=kind.removeprefix("plugin:"))
    return titles.get(kind, kind)
