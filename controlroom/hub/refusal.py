"""A refusal inside the hub, with its code of the closed list."""

from controlroom.wire.messages import Refusal


class Refuse(Exception):
    """The hub turns something away; caught where the answer is made."""

    def __init__(self, code: Refusal, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
