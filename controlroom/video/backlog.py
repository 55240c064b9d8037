"""The packets of a stream that nobody looks at just now, so that it can be shown at once when somebody does."""

from av.packet import Packet
from av.video.stream import VideoStream

_MOST_BYTES = 8 << 20
_MOST_PACKETS = 600


class Backlog:
    """Everything since the last key packet, within bounds; costs no decoding. Used by one thread."""

    def __init__(self) -> None:
        self._packets: list[Packet[VideoStream]] = []
        self._bytes = 0
        self._is_broken = False

    @property
    def is_broken(self) -> bool:
        """Whether what follows cannot be decoded before the next key packet comes."""
        return self._is_broken

    def keep(self, packet: "Packet[VideoStream]") -> None:
        """Put a packet aside."""
        if packet.is_keyframe:
            self.clear()
            self._is_broken = False
        elif self._is_broken:
            return
        self._packets.append(packet)
        self._bytes += packet.size
        if self._bytes > _MOST_BYTES or len(self._packets) > _MOST_PACKETS:
            self.clear()
            self._is_broken = True

    def take(self) -> "list[Packet[VideoStream]]":
        """What is to be decoded first; the backlog is empty then."""
        packets = [] if self._is_broken else self._packets
        self.clear()
        self._is_broken = False
        return packets

    def clear(self) -> None:
        """Drop everything."""
        self._packets, self._bytes = [], 0
