"""A process that serves one clip as many cameras: `python -m tests.video.serving CLIP COUNT`.

Says its port and ends when its standard input does.
"""

import asyncio
import copy
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

from controlroom.sources.simulator.rtsp import RtspServer
from controlroom.sources.simulator.video_channel import Channel
from controlroom.sources.simulator.video_source import LoopedClip


class AtOnce(Executor):
    """Does its work where it is asked to: a picture of a clip is at hand, and handing it to a thread takes longer."""

    def submit(self, do: Callable[..., object], /, *args: object, **named: object) -> Future[object]:  # type: ignore[override]
        done: Future[object] = Future()
        done.set_result(do(*args, **named))
        return done


async def serve(clip: Path, count: int) -> None:
    source = LoopedClip(clip)
    with AtOnce() as worker, ThreadPoolExecutor(1) as reader:
        channels = {f"cam{k}": Channel(lambda: copy.copy(source), worker) for k in range(count)}
        server = RtspServer(channels)
        await server.start("127.0.0.1", 0)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(reader, sys.stdin.read)
        await server.close()
        for channel in channels.values():
            await channel.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
