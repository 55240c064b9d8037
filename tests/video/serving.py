"""A process that serves one clip as many cameras: `python -m tests.video.serving CLIP COUNT`.

Says its port and ends when its standard input does.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from controlroom.sources.simulator.rtsp import RtspServer
from controlroom.sources.simulator.video_channel import Channel
from controlroom.sources.simulator.video_source import LoopedClip


async def serve(clip: Path, count: int) -> None:
    with ThreadPoolExecutor(1) as worker, ThreadPoolExecutor(1) as reader:
        channels = {f"cam{k}": Channel(lambda: LoopedClip(clip), worker) for k in range(count)}
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
