"""How cameras travel from one widget to another by the mouse."""

from controlroom.bridge.models.camera_tree import DRAG_PREFIX


def dragged_cameras(text: str) -> list[str]:
    """The ids of the cameras that a drag's text carries, a line each; empty for any other text."""
    lines = (line.removeprefix(DRAG_PREFIX).strip() for line in text.splitlines() if line.startswith(DRAG_PREFIX))
    return [line for line in dict.fromkeys(lines) if line]
