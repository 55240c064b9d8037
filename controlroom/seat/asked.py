"""A question on its way to the hub, and how its answer reaches whoever asked."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass

from controlroom.errors import CommandRefused, LinkLost
from controlroom.i18n import _
from controlroom.wire.messages import Answer, Denied


@dataclass(slots=True)
class Asked:
    """A request on its way: it is sent again until its answer comes or its time is over."""

    frame: bytes
    answered: Callable[[Answer], None]
    failed: Callable[[Exception], None]
    resend_at: float
    until: float
    own: bool
    unwanted: Callable[[], bool] = lambda: False
    """Whether whoever asked went away."""


def settle(future: "Future[Answer]", answer: Answer) -> None:
    """Give the answer to whoever asked; a refusal becomes CommandRefused, one who has gone away is passed over."""
    with contextlib.suppress(InvalidStateError):
        if isinstance(answer, Denied):
            future.set_exception(CommandRefused(answer.code, answer.text))
        else:
            future.set_result(answer)


def fail(future: "Future[Answer]", error: Exception) -> None:
    """Tell whoever asked that no answer comes."""
    with contextlib.suppress(InvalidStateError):
        future.set_exception(error)


def unanswered() -> LinkLost:
    """What is told of a hub that did not answer in time."""
    return LinkLost(_("The hub did not answer; look at the link and try again."))
