"""Hands pictures from a decoder's thread to a tile: the newest wins, never more than one waits."""

import threading

from controlroom.video.picture import Picture


class Mailbox:
    """One picture at most; both sides may be any thread, and neither ever waits for the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._picture: Picture | None = None
        self._replaced = 0

    @property
    def replaced(self) -> int:
        """Pictures that nobody took before a newer one came."""
        return self._replaced

    def put(self, picture: Picture) -> None:
        """Leave a picture; an older one that still waits is dropped."""
        with self._lock:
            if self._picture is not None:
                self._replaced += 1
            self._picture = picture

    def take(self) -> Picture | None:
        """The waiting picture, which then no longer waits."""
        with self._lock:
            picture, self._picture = self._picture, None
        return picture
