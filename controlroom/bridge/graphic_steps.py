"""An officer's own steps in plotting, to be undone and done again; what others did meanwhile is never overwritten."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from controlroom.domain.graphic import Drawing, Graphic
from controlroom.wire.graphics import ChangeGraphic, DrawGraphics, RemoveGraphic

STEPS_MOST = 100


class Answered(Protocol):
    """What the hub says to a command."""

    @property
    def created(self) -> str:
        """The id of what it made."""


Send = Callable[[DrawGraphics | ChangeGraphic | RemoveGraphic], Awaitable[Answered]]


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one graphic: None before it was drawn, None after it was removed."""

    graphic: str
    before: Drawing | None
    after: Drawing | None


class GraphicSteps:
    """Carries out steps and remembers them. One at a time: every method raises CommandRefused or EnvironmentFault.

    A step that the hub refuses is forgotten: somebody else has changed its graphic.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._done: list[tuple[Step, ...]] = []
        self._undone: list[tuple[Step, ...]] = []
        self._names: dict[str, str] = {}
        """What a graphic is called now that was removed and drawn again."""
        self._versions: dict[str, int] = {}

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back that can be done again."""
        return bool(self._undone)

    async def draw(self, drawings: Sequence[Drawing]) -> tuple[str, ...]:
        """Draw; the ids of what was drawn."""
        names = await self._draw(drawings)
        self._remember(tuple(Step(name, None, drawing) for name, drawing in zip(names, drawings, strict=True)))
        return names

    async def change(self, graphic: Graphic, drawing: Drawing) -> None:
        """Another drawing in the place of one that stands as `graphic`."""
        await self._send(ChangeGraphic(graphic=graphic.id, version=graphic.version, drawing=drawing))
        self._versions[graphic.id] = graphic.version + 1
        self._remember((Step(graphic.id, graphic.drawing, drawing),))

    async def remove(self, graphics: Sequence[Graphic]) -> None:
        """Take some away that stand as they are given."""
        gone = []
        try:
            for graphic in graphics:
                await self._send(RemoveGraphic(graphic=graphic.id, version=graphic.version))
                gone.append(Step(graphic.id, graphic.drawing, None))
        finally:
            if gone:
                self._remember(tuple(gone))

    async def undo(self) -> None:
        """Take the last step back."""
        if self._done:
            steps = self._done.pop()
            for step in reversed(steps):
                await self._go(step.graphic, step.after, step.before)
            self._undone.append(steps)

    async def redo(self) -> None:
        """Do the step again that was taken back last."""
        if self._undone:
            steps = self._undone.pop()
            for step in steps:
                await self._go(step.graphic, step.before, step.after)
            self._done.append(steps)

    # ---------------------------------------------------------------- inside

    def _remember(self, steps: tuple[Step, ...]) -> None:
        self._done.append(steps)
        del self._done[:-STEPS_MOST]
        self._undone.clear()

    async def _draw(self, drawings: Sequence[Drawing]) -> tuple[str, ...]:
        first = (await self._send(DrawGraphics(drawings=tuple(drawings)))).created
        head, _dash, number = first.rpartition("-")
        names = tuple(f"{head}-{int(number) + k}" for k in range(len(drawings)))
        self._versions.update(dict.fromkeys(names, 1))
        return names

    async def _go(self, graphic: str, was: Drawing | None, to: Drawing | None) -> None:
        name = self._names.get(graphic, graphic)
        version = self._versions.get(name, 1)
        if was is None and to is not None:
            (self._names[graphic],) = await self._draw([to])
        elif to is None:
            await self._send(RemoveGraphic(graphic=name, version=version))
        else:
            await self._send(ChangeGraphic(graphic=name, version=version, drawing=to))
            self._versions[name] = version + 1
