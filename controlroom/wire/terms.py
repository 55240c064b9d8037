"""What many messages have in common: names, texts, numbers and their bounds."""

from typing import Annotated, Literal

from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=200)]
AlarmId = Annotated[str, Meta(min_length=1, max_length=1000)]
"""`source/key`: longer than a name, since it holds two, the source's with % and / escaped."""

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""A sequence number or a time as the store can hold it."""

Short = Annotated[str, Meta(max_length=400)]
Text = Annotated[str, Meta(max_length=4000)]
Crs = Literal["WGS-84", "GCJ-02", "BD-09"]
MAX_BATCH = 200_000
