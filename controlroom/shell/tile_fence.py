"""A fence round what covers one tile: what its overrides of Qt raise, painting above all, ends that tile alone."""

import functools
import logging
import traceback
import types
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from controlroom.i18n import _
from controlroom.shell.panels import PanelBox, PanelFactory
from layouts import Panel

_FENCED = "_controlroom_tile_fence"
_log = logging.getLogger(__name__)


class TileBox(PanelBox):
    """A tile's widget without a title. One that cannot be built, or fails later, becomes a card with a restart."""

    def __init__(self, panel: Panel, factory: PanelFactory, language: str) -> None:
        self._is_failing = False
        super().__init__(panel, panel.kind, factory, language)
        self.title.hide()

    def build(self) -> None:
        """Build it anew, fenced."""
        super().build()
        self._is_failing = False
        _fence(self.body)

    def fail(self, error: BaseException) -> None:
        """Take the widget away and say why, once the call that failed is over."""
        if self._is_failing:
            return
        self._is_failing = True
        _log.error("the tile %s failed", self.panel.kind, exc_info=error)
        details = "".join(traceback.format_exception(error))
        sentence = _("This tile failed: {reason}. The others go on.").format(reason=error)
        traceback.clear_frames(error.__traceback__)  # a painter that is still open would be held by them
        QTimer.singleShot(0, self, functools.partial(self.put_card, sentence, details))


def _fence(body: QWidget) -> None:
    """Fence the overrides of our own classes in a tree of widgets; fencing again changes nothing."""
    for made in (body, *body.findChildren(QObject)):
        for cls in type(made).__mro__:
            if cls.__module__.split(".")[0] in ("PySide6", "shiboken6", "Shiboken", "builtins", "typing"):
                continue
            if issubclass(cls, QObject) and _FENCED not in vars(cls):
                _fence_class(cls)


def _fence_class(cls: type[QObject]) -> None:
    setattr(cls, _FENCED, True)
    for name, member in list(vars(cls).items()):
        if not isinstance(member, types.FunctionType) or name.startswith("__"):
            continue
        below = [vars(base)[name] for base in cls.__mro__[1:] if name in vars(base)]
        if any(callable(each) and not isinstance(each, types.FunctionType) for each in below):
            setattr(cls, name, _fenced(member))


def _fenced(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def guarded(self: QObject, *values: Any, **named: Any) -> Any:
        try:
            return method(self, *values, **named)
        except Exception as error:
            box = _box_of(self)
            if box is None:
                raise
            box.fail(error)
            return None

    return guarded


def _box_of(made: QObject) -> TileBox | None:
    above: QObject | None = made
    while above is not None and not isinstance(above, TileBox):
        above = above.parent()
    return above
