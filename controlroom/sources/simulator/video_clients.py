"""Clients of the simulated cameras' servers, whatever they speak: who is connected, and who is too slow."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from controlroom.sources.simulator.video_channel import CameraFault, Channel, Viewer
from controlroom.sources.simulator.video_source import AccessUnit

REFUSALS = {CameraFault.GONE: "404 Not Found", CameraFault.FORBIDDEN: "401 Unauthorized"}
"""What HTTP and RTSP say alike of a camera with such a fault."""

_LARGEST_HEAD = 16_384
_SLOW_BYTES = 1 << 20


class Receiver(Viewer):
    """Sends a channel's pictures to one client by `transmit`; one that falls behind goes on with a key picture."""

    def __init__(self, writer: asyncio.StreamWriter, transmit: Callable[[AccessUnit], object]) -> None:
        self._writer = writer
        self._transmit = transmit
        self._waits_for_key = True

    def send(self, unit: AccessUnit) -> None:
        """Hand one picture on, or leave it out where the client is slow."""
        if self._writer.transport.is_closing():
            return
        if self._writer.transport.get_write_buffer_size() > _SLOW_BYTES:
            self._waits_for_key = True
            return
        if self._waits_for_key and not unit.is_key:
            return
        self._waits_for_key = False
        self._transmit(unit)

    def cut(self) -> None:
        """End the client's connection at once."""
        self._writer.transport.abort()


class ChannelServer(ABC):
    """Listens, and talks with each client in a task of its own; lives on one asyncio loop."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 asks the system for one. Raises OSError where the port is taken."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_LARGEST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end all connections."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._clients.values()):
            writer.transport.abort()
        await asyncio.gather(*self._clients, return_exceptions=True)

    @abstractmethod
    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until it is gone."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients[task] = writer
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError):
            pass  # the client went away, or said more (or less) than anybody says
        finally:
            writer.close()
            del self._clients[task]
