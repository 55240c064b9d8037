"""Whose fault it is decides who is told.

ControlRoomError
├── EnvironmentFault   the machine, network or a file: one sentence to the officer, with what to do
│   ├── CommandLineFault  what was typed cannot be meant: exit status 2
│   ├── LinkLost       the hub does not answer
│   └── StoreFault     the store is locked, full or damaged
└── CommandRefused     the hub said no, with a code of the closed list

Anything else is a bug of ours: it goes to the crash card and the log.
"""


class ControlRoomError(Exception):
    """What this program raises on purpose."""


class EnvironmentFault(ControlRoomError):
    """The environment's fault; `sentence` is for the officer and says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class CommandLineFault(EnvironmentFault):
    """A word of the command line that names nothing; the program ends with status 2 and never retries."""


class LinkLost(EnvironmentFault):
    """The hub did not answer in time."""


class StoreFault(EnvironmentFault):
    """The store cannot be written; `condition` is locked, full, failing, denied, corrupt, newer or bounds."""

    def __init__(self, condition: str, sentence: str) -> None:
        super().__init__(sentence)
        self.condition = condition


class CommandRefused(ControlRoomError):
    """The hub refused a command; `code` is a value of wire.messages.Refusal."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
