"""An H.264 file as an endless picture source of the simulated camera server."""

from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

from controlroom.sources.simulator.video_source import TICKS, AccessUnit, split


class LoopedClip:
    """An H.264 file played round and round without being encoded again.

    Raises av.error.FFmpegError or OSError where the file cannot be read, ValueError where it holds no H.264.
    """

    def __init__(self, path: Path) -> None:
        with av.open(path) as container:
            video = container.streams.video[0]
            if video.codec_context.name != "h264":
                raise ValueError(f"{path.name} is {video.codec_context.name}, not H.264")
            self.interval_s = 1.0 / float(video.average_rate or 25)
            unwrap = BitStreamFilterContext("h264_mp4toannexb", video)
            units = [
                (split(bytes(ready)), ready.is_keyframe)
                for packet in container.demux(video)
                for ready in unwrap.filter(packet if packet.size else None)
            ]
        first = next((k for k, (_nals, is_key) in enumerate(units) if is_key), len(units))
        if first == len(units):
            raise ValueError(f"{path.name} holds no key picture")
        self._units = units[first:]
        self._count = 0
        self._place = 0

    def next(self, force_key: bool) -> AccessUnit:
        """The clip's next picture; where a key picture is asked, the clip jumps ahead to its next one."""
        while force_key and not self._units[self._place][1]:
            self._place = (self._place + 1) % len(self._units)
        nals, is_key = self._units[self._place]
        pts = int(self._count * self.interval_s * TICKS)
        self._count += 1
        self._place = (self._place + 1) % len(self._units)
        return AccessUnit(nals, pts, is_key)
