"""The process of `flood.py`, held from here."""

import subprocess
import sys
from pathlib import Path


class Flooding:
    """A hub's wire alone, in a process of its own; `rate` 0 floods as fast as it can."""

    def __init__(self, total: int, rate: int = 0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.flood", str(total), str(rate)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self.process.stdout is not None
        self.requests, self.events, _telemetry = (int(word) for word in self.process.stdout.readline().split())

    def go(self) -> None:
        """Flood once more."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
