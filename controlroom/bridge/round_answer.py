"""What an officer asks first of a place, in one answer: who and what is inside, who is near, what can see it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A line: what it is, what it says with its age, and whether that is old, unknown or invented."""

    label: str
    text: str
    faint: bool = False


@dataclass(frozen=True, slots=True)
class RoundPart:
    """One of the three questions with its lines; `empty` says why there are none."""

    title: str
    lines: tuple[RoundLine, ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class RoundAnswer:
    """The whole answer for a place or an area; `made` says from what, `at` (aware) is when."""

    title: str
    area: str
    at: datetime
    parts: tuple[RoundPart, ...]
    made: str

    def text(self) -> str:
        """All of it as plain text, to be copied or written into an incident's timeline."""
        lines = [f"{self.title} · {self.area}", self.made]
        for part in self.parts:
            lines += ["", part.title]
            lines += [f"- {line.label}: {line.text}" if line.text else f"- {line.label}" for line in part.lines]
            lines += [] if part.lines else [f"- {part.empty}"]
        return "\n".join(lines)
