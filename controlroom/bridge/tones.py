"""The tones of the four severities, made from arithmetic: the worse, the faster, the higher and the more urgent.

Pattern after IEC 60601-1-8:2006 clause 6.3.3: bursts of short pulses with soft edges; more pulses and a faster
rhythm for the higher priority; a fundamental between 150 Hz and 1,000 Hz with harmonics, so that it can be located.
"""

import io
import wave

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.severity import Severity

RATE_HZ = 44_100
_EDGE_S = 0.012
_AMPLITUDE = 0.5

# Pulses of each burst as (fundamental in Hz, seconds of sound, seconds of silence behind it).
_PULSES: dict[Severity, tuple[tuple[float, float, float], ...]] = {
    Severity.RED: (
        ((988.0, 0.11, 0.05), (784.0, 0.11, 0.05), (988.0, 0.11, 0.22), (988.0, 0.11, 0.05), (784.0, 0.16, 0.20))
    )
    * 2,
    Severity.ORANGE: ((784.0, 0.16, 0.12), (784.0, 0.16, 0.12), (659.0, 0.22, 0.20)),
    Severity.YELLOW: ((659.0, 0.20, 0.18), (523.0, 0.26, 0.20)),
    Severity.BLUE: ((440.0, 0.30, 0.20),),
}


def _pulse(fundamental_hz: float, sound_s: float, pause_s: float) -> NDArray[np.float64]:
    time_s = np.arange(round(sound_s * RATE_HZ)) / RATE_HZ
    sound = np.zeros(len(time_s))
    for harmonic, share in ((1, 1.0), (2, 0.4), (3, 0.25), (4, 0.12)):
        sound += share * np.sin(2 * np.pi * fundamental_hz * harmonic * time_s)
    edge = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / _EDGE_S)
    return np.concatenate((sound * edge, np.zeros(round(pause_s * RATE_HZ))))


def tone(severity: Severity) -> bytes:
    """The tone of a severity as a WAV file: mono, 16 bit, 44.1 kHz."""
    sound = np.concatenate([_pulse(*pulse) for pulse in _PULSES[severity]])
    samples = (sound / np.abs(sound).max() * _AMPLITUDE * 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples.tobytes())
    return file.getvalue()
