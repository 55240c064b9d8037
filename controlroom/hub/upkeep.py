"""What a hub writes down now and then, so that a later start and a look back need not read the whole journal."""

from controlroom.clock import Clock
from controlroom.domain.room import Room
from controlroom.domain.times import to_ms
from controlroom.hub.opening import checkpoint, standing
from controlroom.hub.telling import Telling

CHECKPOINT_EVERY = 50_000
"""Events between two saved states; a restart folds at most so many."""

STANDING_EVERY = 20_000
"""How the room stood at a time is told from the last set of standing alarms and so many events at the most."""

RUN_TOLD_S = 30.0
"""How exactly it is known afterwards until when a hub that was killed had run."""


class Upkeep:
    """Puts the state, the standing alarms and the hub's run into the next commit when they are due.

    `saved_at` and `stood_at` are the sequences at which they were written last. One thread owns an instance.
    """

    def __init__(self, room: Room, telling: Telling, clock: Clock, *, saved_at: int, stood_at: int) -> None:
        self._room = room
        self._telling = telling
        self._clock = clock
        self._saved_at = saved_at
        self._stood_at = stood_at
        self._started_ms = to_ms(clock.now())
        self._run_told_s = float("-inf")

    def look(self) -> None:
        """Write what is due; call about once a second, when all that was folded is staged."""
        if self._clock.monotonic() - self._run_told_s >= RUN_TOLD_S:
            self._tell_run()
        sequence = self._room.sequence
        if sequence - self._stood_at >= STANDING_EVERY:
            self._telling.batch.standing = standing(self._room)
            self._stood_at = sequence
        if sequence - self._saved_at >= CHECKPOINT_EVERY:
            self._save()

    def end(self) -> None:
        """Write the last state and until when the hub ran."""
        self._save()
        self._tell_run()

    def _save(self) -> None:
        self._telling.batch.checkpoint = checkpoint(self._room)
        self._saved_at = self._room.sequence

    def _tell_run(self) -> None:
        self._telling.batch.run = self._started_ms, to_ms(self._clock.now())
        self._run_told_s = self._clock.monotonic()
