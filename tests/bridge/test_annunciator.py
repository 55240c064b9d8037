import io
import shutil
import socket
import subprocess
import sys
import wave
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.annunciation import Announcement, AnnunciationSettings, Standing
from controlroom.bridge.annunciator import Annunciator, AnnunciatorState
from controlroom.bridge.hearing import Hearing, SeatFilter
from controlroom.bridge.sound_output import QtSoundOutput, sound_server_answers
from controlroom.bridge.speech import Speech, spoken, spoken_standing
from controlroom.bridge.tones import RATE_HZ, tone
from controlroom.domain.alarm import acknowledged
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW, alarms

WAITING = [alarm for alarm in alarms(80) if alarm.waiting]
RED = next(alarm for alarm in WAITING if alarm.severity is Severity.RED)


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return self.seconds


class Loudspeaker:
    """Remembers what was played; `broken` is why it cannot be heard."""

    def __init__(self, broken: str = "") -> None:
        self.broken = broken
        self.played: list[str] = []

    def trouble(self) -> str:
        return self.broken

    def play(self, file: Path) -> bool:
        assert file.read_bytes()[:4] == b"RIFF"
        self.played.append(file.name)
        return not self.broken

    def forget(self, file: Path) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def speaker() -> Loudspeaker:
    return Loudspeaker()


@pytest.fixture
def annunciator(qtbot: QtBot, clock: HandClock, speaker: Loudspeaker) -> Iterator[Annunciator]:
    made = Annunciator(clock, AnnunciationSettings(gap_s=3.0), speaker, speaks=False)
    yield made
    made.close()


def test_a_new_alarm_is_heard_as_the_tone_of_its_severity(
    annunciator: Annunciator, speaker: Loudspeaker, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(annunciator.announced) as told:
        annunciator.change([RED])
    assert told.args is not None
    assert told.args[0] == Announcement(severity=Severity.RED, alarm=RED)
    assert speaker.played == ["tone-1.wav"]


def test_silence_is_seen_in_the_state_and_acknowledges_nothing(
    annunciator: Annunciator, speaker: Loudspeaker, clock: HandClock
) -> None:
    annunciator.change(WAITING)
    annunciator.silence(5)
    annunciator.beat()
    assert speaker.played == []
    assert annunciator.state.silent_for_s == 300.0
    assert annunciator.waiting == {alarm.id for alarm in WAITING}
    clock.seconds = 301.0
    annunciator.beat()
    assert speaker.played == ["tone-1.wav"]
    assert annunciator.state.silent_for_s == 0.0


def test_acknowledged_alarms_are_not_repeated(annunciator: Annunciator, speaker: Loudspeaker, clock: HandClock) -> None:
    annunciator.change([RED])
    annunciator.beat()
    annunciator.change([acknowledged(RED, "李敏", NOW)])
    clock.seconds = 600.0
    annunciator.beat()
    assert speaker.played == ["tone-1.wav"]


def test_without_a_loudspeaker_the_state_is_mute_with_its_reason_and_alarms_are_still_told(
    qtbot: QtBot, clock: HandClock
) -> None:
    mute = Annunciator(clock, output=Loudspeaker("No loudspeaker is connected"), speaks=False)
    told: list[Announcement] = []
    states: list[AnnunciatorState] = []
    mute.announced.connect(told.append)
    mute.state_changed.connect(states.append)
    mute.change([RED])
    mute.beat()
    assert [announcement.alarm for announcement in told] == [RED]
    assert states[-1].mute
    assert states[-1].reason == "No loudspeaker is connected"
    mute.close()


def test_the_state_is_audible_again_when_the_loudspeaker_comes_back(qtbot: QtBot, clock: HandClock) -> None:
    speaker = Loudspeaker("No loudspeaker is connected")
    made = Annunciator(clock, output=speaker, speaks=False)
    assert made.check().mute
    speaker.broken = ""
    assert made.test(Severity.BLUE)
    assert not made.state.mute
    assert speaker.played == ["tone-4.wav"]
    made.close()


def test_tones_are_sound_and_differ_by_severity() -> None:
    lengths = []
    for severity in Severity:
        with wave.open(io.BytesIO(tone(severity))) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        assert 8_000 < int(np.abs(samples).max()) < 32_767
        assert abs(int(samples[0])) < 100
        lengths.append(len(samples))
    assert lengths == sorted(lengths, reverse=True)


def test_the_spoken_words_name_severity_place_title_and_how_many_more() -> None:
    alarm = msgspec.structs.replace(RED, place="黄村镇", title="积水 62 cm")
    assert spoken(alarm, 0) == "红色 Ⅰ级告警。黄村镇。积水 62 cm。"
    assert spoken(alarm, 12).endswith("另有 12 条。")


def test_what_stands_is_said_in_one_sentence_with_its_colours_and_the_oldest() -> None:
    oldest = msgspec.structs.replace(RED, title="积水 62 cm", received_at=NOW - timedelta(minutes=23, seconds=5))
    counts = ((Severity.RED, 2), (Severity.BLUE, 10))
    said = spoken_standing(Standing(counts=counts, oldest=oldest, reminder=False), NOW)
    assert said == "现有 12 条告警，红色 2 条、蓝色 10 条。 最早一条已等待 23 分 05 秒：积水 62 cm。"
    again = spoken_standing(Standing(counts=counts, oldest=oldest, reminder=True), NOW)
    assert again.startswith("仍有 12 条告警未确认，红色 2 条、蓝色 10 条。")


def test_a_silenced_or_foreign_alarm_makes_no_sound_here(annunciator: Annunciator, speaker: Loudspeaker) -> None:
    annunciator.hear(Hearing(SeatFilter(departments=frozenset({"无此部门"}))), True, [])
    annunciator.change([msgspec.structs.replace(RED, department="区水务局")])
    annunciator.beat()
    assert speaker.played == [] and annunciator.state.filtered and not annunciator.state.waiting


def test_a_sentence_is_spoken_into_a_file_off_the_gui_thread(qtbot: QtBot, tmp_path: Path) -> None:
    speech = Speech(tmp_path)
    if not speech.available:
        pytest.skip("espeak-ng is not installed")
    with qtbot.waitSignal(speech.written, timeout=20_000) as told:
        speech.say("--help 红色一级告警，黄村镇。")
    assert told.args is not None
    with wave.open(str(told.args[0])) as file:
        assert file.getnframes() > RATE_HZ / 2
    speech.close()


class Ear(Loudspeaker):
    """Hears how long and how loud a file is: seconds, root mean square of 16 bit samples."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[float, float]] = []

    def play(self, file: Path) -> bool:
        with wave.open(str(file)) as sound:
            samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float64)
            self.heard.append((sound.getnframes() / sound.getframerate(), float(np.sqrt(np.mean(samples**2)))))
        return super().play(file)


def test_the_first_alarm_of_a_seat_is_said_aloud_in_chinese_after_its_tone(qtbot: QtBot, clock: HandClock) -> None:
    if not shutil.which("espeak-ng"):
        pytest.skip("espeak-ng is not installed")
    ear = Ear()
    annunciator = Annunciator(clock, AnnunciationSettings(gap_s=3.0), ear, speaks=True)
    try:
        annunciator.change([RED])
        qtbot.waitUntil(lambda: len(ear.played) == 2, timeout=20_000)
    finally:
        annunciator.close()
    assert ear.played[0] == "tone-1.wav"
    seconds, loudness = ear.heard[1]
    assert seconds > len(spoken(RED, 0)) * 0.08
    assert loudness > 300


def test_no_sound_server_is_said_without_loading_qts_multimedia(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    monkeypatch.setattr("controlroom.bridge.sound_output._answers", lambda path: False)
    output = QtSoundOutput()
    assert output.trouble() == "没有正在运行的声音服务（PulseAudio 或 PipeWire）"
    assert not output.play(Path("tone.wav"))
    output.close()


def test_a_socket_that_nobody_listens_on_is_no_sound_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = tmp_path / "native"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(dead))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{dead}")
    assert not sound_server_answers()
    alive = tmp_path / "alive"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(alive))
        server.listen()
        monkeypatch.setenv("PULSE_SERVER", f"unix:{alive}")
        assert sound_server_answers()


def test_the_repository_holds_no_recorded_sound(repository: Path) -> None:
    found = [path for path in (repository / "resources").rglob("*") if path.suffix in (".wav", ".ogg", ".mp3")]
    assert found == []


HEARD = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer, qInstallMessageHandler
from controlroom.bridge.annunciator import Annunciator
from controlroom.clock import SystemClock
told = []
qInstallMessageHandler(lambda kind, context, message: told.append(f"{context.category} {message}"))
app = QCoreApplication(sys.argv)
annunciator = Annunciator(SystemClock())
heard = annunciator.test()
QTimer.singleShot(2500, app.quit)
app.exec()
annunciator.close()
print(heard, annunciator.state.mute, [line for line in told if not line.startswith("qt.multimedia.ffmpeg")], flush=True)
"""


@pytest.fixture
def sound_server(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A sound server of our own with a loudspeaker that is only recorded; the path of its socket."""
    program = shutil.which("pulseaudio")
    if program is None or shutil.which("parec") is None:
        pytest.skip("pulseaudio and parec are not installed")
    address = tmp_path / "native"
    monkeypatch.setenv("HOME", str(tmp_path))
    modules = (f"module-native-protocol-unix socket={address} auth-anonymous=1", "module-null-sink sink_name=ctrl")
    command = [program, "-n", "--daemonize=no", "--exit-idle-time=-1", *(f"--load={module}" for module in modules)]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        monkeypatch.setenv("PULSE_SERVER", f"unix:{address}")
        try:
            qtbot.waitUntil(sound_server_answers, timeout=15_000)
            yield address
        finally:
            server.terminate()
            server.wait(10)


def test_the_tone_is_heard_on_a_real_sound_server_and_qt_says_nothing(sound_server: Path, repository: Path) -> None:
    record = ["parec", "--raw", "--format=s16le", "--channels=1", "--device=ctrl.monitor"]
    with subprocess.Popen(record, stdout=subprocess.PIPE) as recorder:
        told = subprocess.run(
            [sys.executable, "-c", HEARD], cwd=repository, capture_output=True, text=True, timeout=60, check=True
        )
        recorder.terminate()
        sound = np.frombuffer(recorder.communicate()[0], np.uint8)
    assert told.stdout.strip() == "True False []"
    samples = sound[: len(sound) // 2 * 2].view("<i2")
    assert int(np.abs(samples).max()) > 5_000
