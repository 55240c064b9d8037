"""Which faults of a camera's picture raise an alarm, as data (`resources/data/picture_rules.toml`)."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.camera import PictureFault
from controlroom.domain.severity import Severity


class PictureRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault: what an alarm of it is called, and how grave it is; without a severity it raises none."""

    fault: PictureFault
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    severity: Severity | None = None


class PictureRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A district's file. Raises ValueError unless each fault is named once."""

    edition: str
    fault: tuple[PictureRule, ...]

    def __post_init__(self) -> None:
        named = [rule.fault for rule in self.fault]
        if sorted(named) != sorted(PictureFault):
            raise ValueError("each fault of a picture is named once")

    def rule(self, fault: PictureFault) -> PictureRule:
        """What the district says of a fault."""
        return next(rule for rule in self.fault if rule.fault is fault)


def decode_picture_rules(text: bytes) -> PictureRules:
    """The rules of a TOML file. Raises msgspec.DecodeError."""
    return msgspec.toml.decode(text, type=PictureRules)
