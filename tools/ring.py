"""Makes the ring of the desk: two soft tones and a pause, to be looped.

    python tools/ring.py

The result is committed. No recording of anybody's is used: it is sine waves and this file's licence.
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RING = Path(__file__).parent.parent / "console/web/static/ring.wav"
RATE_HZ = 16_000
TONES = ((659.26, 0.0, 0.42), (523.25, 0.38, 0.62))
"""Frequency in Hz, start and length in seconds: E5, then C5 dying away."""
LENGTH_S = 2.0
PEAK = 0.5
FADE_S = 0.02


def main() -> None:
    """Write the file."""
    samples = (round(32767 * PEAK * level(i / RATE_HZ)) for i in range(round(LENGTH_S * RATE_HZ)))
    with wave.open(str(RING), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


def level(at: float) -> float:
    """The wave at that second, between -1 and 1: each tone with its octave, softly begun and fading."""
    return sum(tone(hz, at - start, length) for hz, start, length in TONES) / 1.3


def tone(hz: float, at: float, length: float) -> float:
    if not 0 <= at < length:
        return 0.0
    envelope = min(1.0, at / FADE_S) * math.exp(-3.2 * at / length) * min(1.0, (length - at) / FADE_S)
    return envelope * (math.sin(2 * math.pi * hz * at) + 0.3 * math.sin(4 * math.pi * hz * at)) / 1.3


if __name__ == "__main__":
    main()
