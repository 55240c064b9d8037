"""Cameras that officers have put together, for themselves or for all."""

from msgspec import Struct

from controlroom.domain.times import Instant

FAVOURITES = "favourites/"
"""What the id of an officer's favourites begins with; the officer follows."""


class CameraGroup(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Cameras (ids) in the order they were added. `owner` is whose it is, at every seat; empty when it is everybody's.

    `by` changed it last, `at`. A removed one is told once and held by no room.
    """

    id: str
    name: str = ""
    cameras: tuple[str, ...] = ()
    owner: str = ""
    by: str = ""
    at: Instant | None = None
    removed: bool = False

    @property
    def is_favourites(self) -> bool:
        """Whether these are an officer's favourites, which need no name."""
        return self.id.startswith(FAVOURITES)

    def is_for(self, officer: str) -> bool:
        """Whether an officer sees it."""
        return not self.owner or self.owner == officer
