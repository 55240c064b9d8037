"""One opened stream: packets as they come, and what its failures mean."""

import os
import threading
from collections.abc import Callable, Iterator

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from msgspec import Struct

from controlroom.video.address import Address, Kind
from controlroom.video.body import Body
from controlroom.video.decoder import Decoder
from controlroom.video.dial import dial
from controlroom.video.fault import Fault, StreamFault
from controlroom.video.hardware import Hardware
from controlroom.video.playlist import Playlist
from controlroom.video.rtsp.client import RtspClient, Unsuited
from controlroom.video.rtsp.playing import Played, Playing
from controlroom.video.track import Track, track_of

# Without these limits an open waits for seconds of pictures to guess a frame rate that a wall does not need.
_RTSP = {
    "rtsp_transport": "udp+tcp",
    "rtsp_flags": "prefer_tcp",  # datagrams only where the server has nothing else
    "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls,udp",
    "analyzeduration": "1",
    "probesize": "32",
    "fpsprobesize": "0",
}
_CARRIED = {"analyzeduration": "300000", "probesize": "200000", "fpsprobesize": "0"}
_RTMP = {**_CARRIED, "protocol_whitelist": "rtmp,rtmps,tcp,tls"}
_UDP = {**_CARRIED, "protocol_whitelist": "udp", "overrun_nonfatal": "1", "fifo_size": "20000"}
# Only what carries pictures by itself: a playlist could name files of this machine.
_FORMATS = "mpegts,flv,h264,hevc,mpjpeg,matroska,webm,mov,mp4,avi,mpeg"
_LIVE = Playing()
FILE_OPTIONS = {**_CARRIED, "protocol_whitelist": "file", "format_whitelist": _FORMATS}
"""How a file is opened that nobody vouches for."""


class Timing(Struct, frozen=True):
    """How long to wait, in seconds: for an answer, between looks at whether to stop, and for silence to be a fault."""

    open_s: float = 4.0
    look_s: float = 0.5
    silence_s: float = 6.0
    no_picture_s: float = 8.0


class Stream:
    """An opened stream with its first video track; used by the thread that opened it, but for `cut`.

    RTSP is read by our own client, everything else, and what that client does not unpack, by avformat. That frees a
    container under its reader when another thread closes it, so nobody else may.
    """

    def __init__(
        self,
        address: Address,
        stop: threading.Event,
        timing: Timing,
        hardware: Hardware | None = None,
        playing: Playing = _LIVE,
    ) -> None:
        self._address = address
        self._hardware = hardware
        self._stop = stop
        self.timing = timing
        self._body: Body | Playlist | None = None
        if address.kind is Kind.HTTP:
            self._body = Body(address, stop, timing.open_s, timing.silence_s)
        elif address.kind is Kind.HLS:
            self._body = Playlist(address, stop, timing.open_s, timing.silence_s)
        self._client: RtspClient | None = None
        if address.kind is Kind.RTSP and not address.is_encrypted:
            self._client = RtspClient(address, stop, timing.open_s, timing.look_s, playing)
        self._container: InputContainer | None = None
        self._track: Track | None = None
        self._decoder: Decoder | None = None

    def reach(self) -> None:
        """Connect to the server, so that the dead ones take no place among those that open. Raises StreamFault."""
        address = self._address
        if self._body is not None:
            self._body.open()
        elif self._client is not None:
            self._client.reach()
        elif address.kind in (Kind.RTSP, Kind.RTMP):
            dial(address.host, address.port, self._stop, self.timing.open_s).close()
        elif address.kind is Kind.FILE and not os.access(str(address.path), os.R_OK):
            raise StreamFault(Fault.NO_FILE, address.shown)

    def open(self) -> None:
        """Open what was reached. Raises StreamFault."""
        if self._client is not None:
            try:
                self._client.open()
            except Unsuited:
                self._client.close()
                self._client = None
        if self._client is None:
            try:
                self._container = self._open()
            except av.error.FFmpegError as error:
                raise fault_of(error, self._address) from error
            if not self._container.streams.video:
                raise StreamFault(Fault.NOT_VIDEO)
            self._track = track_of(self._container.streams.video[0])
        self._decoder = Decoder(self.track, self._hardware)

    @property
    def track(self) -> Track:
        """What is decoded; it may change on its way."""
        if self._client is not None:
            return self._client.track
        assert self._track is not None, "the stream is not open"
        return self._track

    @property
    def played(self) -> Played:
        """From when on and how fast it comes, as its server tells."""
        return Played() if self._client is None else self._client.played

    @property
    def is_timed(self) -> bool:
        """Whether its server sends each picture when it is due, and none earlier."""
        return self._address.kind in (Kind.RTSP, Kind.RTMP)

    @property
    def damaged(self) -> int:
        """How often something was lost or spoilt on its way, as far as that is told before decoding."""
        return 0 if self._client is None else self._client.damaged

    @property
    def has_doubtful_clock(self) -> bool:
        """Whether nothing newer has come although the last packet seems late by its stream's time."""
        return self._client is not None and self._client.has_doubtful_clock

    @property
    def is_file(self) -> bool:
        """Whether it comes as fast as it is read and begins again at its end."""
        return self._address.kind is Kind.FILE

    @property
    def is_paced(self) -> bool:
        """Whether it comes faster than it is to be shown: a file, or a playlist with seconds at a time."""
        return self._address.kind in (Kind.FILE, Kind.HLS)

    @property
    def decoder(self) -> Decoder:
        """What decodes the packets."""
        assert self._decoder is not None, "the stream is not open"
        return self._decoder

    def packets(self) -> "Iterator[Packet[VideoStream] | None]":
        """Packets of the video track, None after each `look_s` without one. Raises StreamFault at the end."""
        return self._contained() if self._client is None else self._received(self._client)

    def _received(self, client: RtspClient) -> "Iterator[Packet[VideoStream] | None]":
        for packet in client.packets():
            if packet is not None and packet.is_keyframe:
                self.decoder.track = client.track
            yield packet

    def _contained(self) -> "Iterator[Packet[VideoStream] | None]":
        video = self._opened.streams.video[0]
        while not self._stop.is_set():
            try:
                for packet in self._opened.demux(video):
                    if self._stop.is_set():
                        return
                    if packet.size:
                        yield packet
                    elif not self._rewind():
                        raise StreamFault(Fault.ENDED)
                    else:
                        break
            except av.error.ExitError:
                yield None
            except av.error.FFmpegError as error:
                if self._stop.is_set():
                    return
                raise fault_of(error, self._address) from error

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard`, on the reading thread, for data that need not be a packet yet (HTTP only)."""
        if self._body is not None:
            self._body.heard = heard

    def cut(self) -> None:
        """Wake a waiting read where that is possible; the others look every `look_s`. Callable from any thread."""
        if self._body is not None:
            self._body.cut()
        client = self._client
        if client is not None:
            client.cut()

    def close(self) -> None:
        """Free everything; called by the thread that opened it."""
        if self._container is not None:
            self._container.close()
        if self._body is not None:
            self._body.close()
        if self._client is not None:
            self._client.close()

    @property
    def _opened(self) -> InputContainer:
        assert self._container is not None, "the stream is not open"
        return self._container

    def _open(self) -> InputContainer:
        address, timing = self._address, self.timing
        looks = (timing.open_s, timing.look_s)
        if address.kind is Kind.RTSP:
            return av.open(address.url, "r", options=_RTSP, timeout=looks)
        if address.kind is Kind.RTMP:
            return av.open(address.url, "r", "flv", options=_RTMP, timeout=looks)
        if address.kind is Kind.UDP:
            return av.open(address.url, "r", "mpegts", options=_UDP, timeout=looks)
        options = dict(FILE_OPTIONS)
        if self._body is None:
            return av.open(str(address.path), "r", options=options)
        is_transport_stream = self._body.kind == "video/mp2t" or address.url.partition("?")[0].endswith(".ts")
        return av.open(self._body, "r", "mpegts" if is_transport_stream else None, options=options)

    def _rewind(self) -> bool:
        """Begin a file again; False for a stream that should never end."""
        if not self.is_file:
            return False
        self._opened.seek(0)
        self.decoder.flush()
        return True


def fault_of(error: av.error.FFmpegError, address: Address) -> StreamFault:
    """What a failure of avformat means. The error's own text holds the address with its password and is left out."""
    place = f"{address.host}:{address.port}"
    match error:
        case av.error.HTTPNotFoundError():
            return StreamFault(Fault.NOT_FOUND)
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return StreamFault(Fault.UNAUTHORISED)
        case av.error.HTTPError():
            return StreamFault(Fault.SERVER_ERROR, error.strerror or "")
        case av.error.FileNotFoundError() | av.error.PermissionError() | av.error.IsADirectoryError():
            return StreamFault(Fault.NO_FILE, address.shown)
        case av.error.ConnectionRefusedError():
            return StreamFault(Fault.NOBODY, place)
        case av.error.ExitError() | av.error.TimeoutError():
            return StreamFault(Fault.NO_ANSWER, place)
        case av.error.ConnectionResetError() | av.error.EOFError() | av.error.BrokenPipeError():
            return StreamFault(Fault.ENDED)
        case _:
            return StreamFault(Fault.NOT_VIDEO)
