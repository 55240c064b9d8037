"""Hardware decoders: what this machine has, and cards that fail, played by the processor's own decoder."""

from pathlib import Path

import av
import pytest
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext

from controlroom.video.decoder import Decoder
from controlroom.video.hardware import Hardware, candidates
from controlroom.video.track import track_of
from tests.video.broadcast import write


class Card(Hardware):
    """A card that decodes `lasts` packets and then raises, or falls mute."""

    def __init__(self, lasts: int, is_mute: bool = False) -> None:
        super().__init__(["card"])
        self.lasts = lasts
        self.is_mute = is_mute
        self.count = 0

    def made(self, codec: str) -> tuple[str, VideoCodecContext] | None:
        if not self.names:
            return None
        return "card", CardContext(self, av.CodecContext.create(codec, "r"))


class CardContext:
    def __init__(self, card: Card, context: VideoCodecContext) -> None:
        self._card = card
        self._context = context
        self.width, self.height, self.sample_aspect_ratio = 320, 240, None

    @property
    def extradata(self) -> bytes | None:
        return self._context.extradata

    @extradata.setter
    def extradata(self, value: bytes | None) -> None:
        self._context.extradata = value

    def decode(self, packet: Packet) -> list[av.VideoFrame]:
        self._card.count += 1
        if self._card.count > self._card.lasts:
            if self._card.is_mute:
                return []
            raise av.error.ExternalError(1, "the card was taken out")
        self._context.flags |= av.codec.context.Flags.low_delay
        return self._context.decode(packet)


@pytest.fixture(params=["h264", "hevc"])
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write(str(tmp_path / "film.ts"), "mpegts", request.param, 60)
    return tmp_path / "film.ts"


def shown(film: Path, card: Card) -> tuple[list[int], Decoder]:
    """How many pictures each packet gave."""
    with av.open(str(film)) as container:
        decoder = Decoder(track_of(container.streams.video[0]), card)
        counts = [len(decoder.decode(p, False)) for p in container.demux(container.streams.video[0]) if p.size]
    return counts, decoder


@pytest.mark.parametrize("lasts", [0, 10, 40])
def test_a_card_that_fails_leaves_no_gap(film: Path, lasts: int) -> None:
    counts, decoder = shown(film, Card(lasts))
    assert decoder.device == ""
    assert counts[lasts] >= 1, "the packet that the card failed at is shown already"
    assert sum(counts) >= len(counts) - 2


def test_a_card_that_falls_mute_is_left_within_half_a_second(film: Path) -> None:
    counts, decoder = shown(film, Card(20, is_mute=True))
    assert decoder.device == "" and all(counts[33:-2])


def test_a_card_that_works_is_used_and_named(film: Path) -> None:
    _counts, decoder = shown(film, Card(1000))
    assert decoder.device == "card"


def test_a_kind_that_fails_again_and_again_is_left_alone(film: Path) -> None:
    card = Card(0)
    for _stream in range(3):
        shown(film, card)
    assert card.names == []
    counts, decoder = shown(film, card)
    assert decoder.device == "" and sum(counts) >= len(counts) - 2


def test_kinds_that_are_not_there_are_not_tried_and_those_that_are_work_or_are_left() -> None:
    hardware = Hardware()
    assert hardware.names == candidates()
    assert Hardware([]).made("h264") is None
    assert Hardware(["cuda"]).made("no-such-codec") is None
    broken = Hardware(["qsv"])
    made = broken.made("h264")
    assert made is None or made[0] == "qsv"
