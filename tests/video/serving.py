"""A process that serves one clip as many cameras: `python -m tests.video.serving CLIP COUNT [STAMPS]`.

Writes down in the file STAMPS when it sends which of the clip's pictures to which camera.
Says its port and ends when its standard input does.
"""

import asyncio
import copy
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from controlroom.sources.simulator.rtsp import RtspServer
from controlroom.sources.simulator.video_channel import Channel
from controlroom.sources.simulator.video_source import AccessUnit
from tests.bench.wall_screen import Stamps
from tests.video.looped_clip import LoopedClip


class AtOnce(Executor):
    """Does its work where it is asked to: a picture of a clip is at hand, and handing it to a thread takes longer."""

    def submit(self, do: Callable[..., object], /, *args: object, **named: object) -> Future[object]:
        done: Future[object] = Future()
        done.set_result(do(*args, **named))
        return done


class Stamped(LoopedClip):
    """A clip that tells when which of its pictures is asked for, which is when it is sent."""

    stamps: "NDArray[np.float64] | None" = None

    def next(self, force_key: bool) -> AccessUnit:
        unit = super().next(force_key)
        if self.stamps is not None:
            self.stamps[(self._place - 1) % len(self._units)] = time.monotonic()
        return unit


async def serve(clip: Path, count: int, path: Path | None) -> None:
    source = Stamped(clip)
    stamps = None if path is None else Stamps(path, count, is_new=False)

    def camera(number: int) -> Stamped:
        made = copy.copy(source)
        made.stamps = None if stamps is None else stamps.sent_s[number]
        return made

    with AtOnce() as worker, ThreadPoolExecutor(1) as reader:
        channels = {f"cam{k}": Channel(partial(camera, k), worker) for k in range(count)}
        server = RtspServer(channels)
        await server.start("127.0.0.1", 0)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(reader, sys.stdin.read)
        await server.close()
        for channel in channels.values():
            await channel.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None))
