"""The web engine under the map: what must be set before QApplication exists, and whether it is there at all."""

import importlib
import logging
import os
import shlex
from collections.abc import Collection
from typing import Protocol, cast

from PySide6.QtWidgets import QWidget

from controlroom.i18n import _
from controlroom.mapping.district import District
from controlroom.mapping.scene import Scene
from widgets.map_surface import MapSurface

log = logging.getLogger(__name__)

_FLAGS = (
    # No name and no address resolves, whichever part of the engine asks: with the request interceptor this closes
    # all 21 ways out that were tried (preconnect, WebTransport and WebRTC pass the interceptor alone).
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    # A map that has drawn everything gives back what was left over; by itself the engine would keep it (see room.js).
    "--js-flags=--expose-gc",
    # A canvas keeps copies of itself for its next frames; those that were not used for seconds go back. Without this a
    # map at rest holds three times what it shows.
    "--enable-features=Canvas2DReclaimUnusedResources",
    # The page's console comes through Qt into our log; Chromium itself would write to the terminal.
    "--log-level=3",
)


class _WebModule(Protocol):
    """What `widgets.map_web` offers; it is imported by name because the web engine may be missing."""

    def register_scheme(self) -> None: ...

    def scheme_is_registered(self) -> bool: ...

    def WebSurface(self, scene: Scene, district: District, parent: QWidget) -> MapSurface: ...


def web_hosts(listed: str) -> frozenset[str]:
    """The hosts of a list with commas; what is no plain host name or address is left out."""
    words = (word.strip().lower() for word in listed.split(","))
    return frozenset(word for word in words if word and all(sign.isalnum() or sign in ".-" for sign in word))


def prepare_web_engine(hosts: Collection[str] = ()) -> None:
    """Sets flags and registers the map's scheme. Call it once, before QApplication; it fails silently without engine.

    Nothing is resolved but `hosts`, whose pages a wall may show; the map still asks for none of them.

    A machine without the engine, or one that may not use it, gets the painted map and a sentence that says so.
    """
    flags = shlex.split(os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", ""))
    rules = ", ".join([_FLAGS[0], *(f"EXCLUDE {host}" for host in sorted(hosts))])
    wanted = [rules, *_FLAGS[1:], *(["--no-sandbox"] if _is_root() else [])]
    flags += [flag for flag in wanted if flag not in flags]
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = " ".join(_quoted(flag) for flag in flags)
    # Without a graphics card this halves the cost of every frame; with one it costs little and never shows blank.
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    module = _web_module()
    if module is not None:
        module.register_scheme()


def web_surface(scene: Scene, district: District, parent: QWidget) -> MapSurface | str:
    """A web map, or the sentence that says why there is none."""
    module = _web_module()
    if module is None:
        return _("The web engine is missing, so a simple map is shown. Run the set-up again to install it.")
    if not module.scheme_is_registered():
        return _("The web engine was not prepared at start, so a simple map is shown. Restart the program.")
    return module.WebSurface(scene, district, parent)


def _web_module() -> _WebModule | None:
    try:
        return cast("_WebModule", importlib.import_module("widgets.map_web"))
    except ImportError as error:
        log.info("no web engine: %s", error)
        return None


def _is_root() -> bool:
    """Chromium refuses to run its sandbox as root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _quoted(flag: str) -> str:
    """Qt splits the flags at blanks outside of double quotes."""
    name, equals, value = flag.partition("=")
    return f'{name}{equals}"{value}"' if " " in value else flag
