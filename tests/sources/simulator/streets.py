"""Cameras of one street, day and night, by both protocols."""

from controlroom.sources.simulator.cameras import spread
from controlroom.sources.simulator.scene import SceneCamera


def twelve() -> tuple[SceneCamera, ...]:
    return spread(SceneCamera(id=f"cam-{k:02}", name=f"黄村西大街 {k:02}") for k in range(1, 13))
