"""Which key does what in a plot."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from widgets.plot_menus import PlotMenus
from widgets.plot_steering import PlotSteering
from widgets.plot_toolbar import SPANS_S

Keys = dict[tuple[int, Qt.KeyboardModifier], Callable[[], object]]

DAY_S = 86_400.0


def plot_keys(steering: PlotSteering, menus: PlotMenus) -> Keys:
    """What the keys do; 1 to 7 are the spans of the toolbar."""
    key, plain, shift = Qt.Key, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    control = Qt.KeyboardModifier.ControlModifier
    keys: Keys = {
        (key.Key_Plus, plain): partial(steering.next_span, 1),
        (key.Key_Plus, shift): partial(steering.next_span, 1),
        (key.Key_Equal, plain): partial(steering.next_span, 1),
        (key.Key_Minus, plain): partial(steering.next_span, -1),
        (key.Key_Up, plain): partial(steering.zoom_at_cursor, 0.5),
        (key.Key_Down, plain): partial(steering.zoom_at_cursor, 2.0),
        (key.Key_Left, plain): partial(steering.step_cursor, -1),
        (key.Key_Right, plain): partial(steering.step_cursor, 1),
        (key.Key_Left, shift): partial(steering.pan_by, -0.1),
        (key.Key_Right, shift): partial(steering.pan_by, 0.1),
        (key.Key_PageUp, plain): partial(steering.pan_by, -1.0),
        (key.Key_PageDown, plain): partial(steering.pan_by, 1.0),
        (key.Key_Home, plain): steering.go_live,
        (key.Key_Z, control): steering.undo,
        (key.Key_Y, control): steering.redo,
        (key.Key_Z, control | shift): steering.redo,
        (key.Key_D, plain): steering.refer,
        (key.Key_Y, plain): partial(steering.shift, DAY_S),
        (key.Key_W, plain): partial(steering.shift, 7 * DAY_S),
        (key.Key_G, plain): steering.ask_time,
        (key.Key_M, plain): menus.room_wanted.emit,
        (key.Key_N, plain): menus.annotate.trigger,
        (key.Key_R, plain): steering.release_ranges,
        (key.Key_T, plain): menus.together.toggle,
        (key.Key_S, plain): menus.steps.toggle,
    }
    for number, span_s in enumerate(SPANS_S):
        keys[Qt.Key(key.Key_1 + number), plain] = partial(steering.set_span, span_s)
    return keys


def pressed(event: QKeyEvent) -> tuple[int, Qt.KeyboardModifier]:
    """The key of an event as the table names it."""
    return event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
