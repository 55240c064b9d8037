"""The feed of what cannot be opened at all."""

from controlroom.video.load import Depth
from controlroom.video.past import Past, PastState
from controlroom.video.picture import Picture
from controlroom.video.signal import Signal, View


class DarkFeed:
    """A `picture.Feed` without pictures, whose state never changes."""

    def __init__(self, view: View) -> None:
        self._view = view

    def want(self, width_px: int, height_px: int) -> None:
        """There will be no picture of any size."""

    def take(self) -> Picture | None:
        """There is no picture."""
        return None

    def view(self) -> View:
        """Why not."""
        return self._view

    @property
    def replaced(self) -> int:
        """No picture was dropped."""
        return 0

    @property
    def signal(self) -> Signal:
        """Nothing ever happened."""
        return Signal(0.0)

    def thin(self, depth: Depth, is_first: bool = False) -> None:
        """There is nothing to decode."""

    def close(self) -> None:
        """There is nothing to end."""


class DarkPast:
    """A `picture.PastFeed` of a fleet that is closed: there is nothing."""

    def want(self, width_px: int, height_px: int) -> None:
        """Nothing comes of it."""

    def seek(self, at_s: float, speed: float) -> None:
        """Nothing comes of it."""

    def take(self) -> Picture | None:
        """Never anything."""
        return None

    def past(self) -> Past:
        """Nothing."""
        return Past(PastState.NOTHING)

    def close(self) -> None:
        """Nothing is held."""
