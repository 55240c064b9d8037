"""Which panels are on which screen: the schema of a layout and how it is loaded."""

from layouts.loading import DEFAULT, Presets, decode
from layouts.schema import (
    Fill,
    Label,
    Node,
    Orientation,
    Panel,
    Preference,
    Preset,
    Role,
    Split,
    Tabs,
    Window,
    panels,
    words,
)

__all__ = [
    "DEFAULT",
    "Fill",
    "Label",
    "Node",
    "Orientation",
    "Panel",
    "Preference",
    "Preset",
    "Presets",
    "Role",
    "Split",
    "Tabs",
    "Window",
    "decode",
    "panels",
    "words",
]
