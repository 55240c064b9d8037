"""The document of the map: folium composes it, and nothing in it names another machine."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from controlroom.mapping.layers import MapCentre

ORIGIN = "crmap://app"
SCRIPTS = (
    "geometry",
    "stack",
    "thematic",
    "stamps",
    "kinds",
    "points",
    "movers",
    "trails",
    "vectors",
    "basemap",
    "basestyle",
    "marks",
    "chooser",
    "plotting",
    "panels",
    "feed",
    "proof",
    "room",
)
_LINK = re.compile(r"""(?:\b(?:src|href|action|srcset|data)\s*=\s*["']?|url\(\s*["']?)\s*(?!crmap://app/)[^\s"'>]+""")
_REMOTE = re.compile(r"(?:https?|wss?|ftp):", re.IGNORECASE)
_INLINE = re.compile(r"<(script|style)>")


class RemoteLink(ValueError):
    """A document of the map that would reach for another machine."""


class OfflineMap(folium.Map):
    """A folium map that needs nothing but Leaflet, from our own scheme; it has no tiles of its own."""

    default_js = [("leaflet", f"{ORIGIN}/lib/leaflet.js")]  # noqa: RUF012  # folium reads these names as they are
    default_css = [("leaflet_css", f"{ORIGIN}/lib/leaflet.css")]  # noqa: RUF012

    def __init__(self, centre: MapCentre) -> None:
        super().__init__(
            location=(centre.lat, centre.lon),
            zoom_start=centre.zoom,
            tiles=None,
            zoom_control=False,
            minZoom=8,
            maxZoom=18,
            zoomSnap=1,
            fadeAnimation=False,
            attribution_control=False,
        )


class RoomLayers(JSCSSMixin, MacroElement):
    """Our own layers on a folium map: points, vehicles, alarms, district; fed from the program."""

    default_js = [  # noqa: RUF012  # folium reads these names as they are
        ("qwebchannel", f"{ORIGIN}/lib/qwebchannel.js"),
        *((name, f"{ORIGIN}/room/{name}.js") for name in SCRIPTS),
    ]
    default_css = [("room_css", f"{ORIGIN}/room/room.css")]  # noqa: RUF012

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            controlroom.start({{ this._parent.get_name() }}, {{ this.options | tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types
        self._name = "RoomLayers"
        self.options = options


@dataclass(frozen=True, slots=True)
class Page:
    """A composed document: UTF-8 HTML and the policy that it carries."""

    html: bytes
    policy: str


def compose(centre: MapCentre, options: dict[str, Any], extra: tuple[MacroElement, ...] = ()) -> Page:
    """The map's document, looking at `centre`; `options` go to `controlroom.start`, `extra` are more folium elements.

    Raises RemoteLink when anything in it would be fetched from elsewhere than our own scheme.
    """
    chart = OfflineMap(centre)
    chart.add_child(RoomLayers(options))
    for element in extra:
        chart.add_child(element)
    return seal(chart.get_root().render())


def seal(document: str) -> Page:
    """The document under a content policy that runs our own scripts only. Raises RemoteLink."""
    found = _LINK.search(document) or _REMOTE.search(document)
    if found:
        raise RemoteLink(f"the map's document names {found.group(0)!r}")
    nonce = secrets.token_urlsafe(18)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}' {ORIGIN}; style-src 'nonce-{nonce}' {ORIGIN}; "
        f"img-src {ORIGIN} data:; connect-src {ORIGIN}; base-uri 'none'; form-action 'none'"
    )
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    sealed = _INLINE.sub(lambda match: f'<{match.group(1)} nonce="{nonce}">', document)
    return Page(sealed.replace("<head>", f"<head>{tag}", 1).encode(), policy)
