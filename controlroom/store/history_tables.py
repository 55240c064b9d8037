"""The peewee tables of the readings' history, made for one day's file at a time."""

from dataclasses import dataclass
from typing import Any

from peewee import BlobField, IntegerField, Model, SqliteDatabase

VERSION = 1
"""Kept in PRAGMA user_version; a file of a newer version is passed over."""


@dataclass(frozen=True, slots=True)
class ReadingTables:
    """Of a day at full resolution: blocks, and the numbers of the segments that were sealed into it."""

    block: Any
    segment: Any


@dataclass(frozen=True, slots=True)
class SummaryTables:
    """Of a day's summary: cells of ten minutes by strip of sensors, and what is summarised of each band."""

    strip: Any
    summarised: Any


def of_readings(database: SqliteDatabase) -> ReadingTables:
    """The tables of a day at full resolution."""

    class Block(Model):
        band = IntegerField()
        hour = IntegerField()
        count = IntegerField()
        body = BlobField()

        class Meta:
            table_name = "block"
            indexes = ((("band", "hour"), False),)

    class Segment(Model):
        id = IntegerField(primary_key=True)

        class Meta:
            table_name = "segment"

    for model in (Block, Segment):
        model._meta.set_database(database)
    return ReadingTables(Block, Segment)


def of_summary(database: SqliteDatabase) -> SummaryTables:
    """The tables of a day's summary."""

    class Strip(Model):
        id = IntegerField(primary_key=True)
        body = BlobField()

        class Meta:
            table_name = "strip"

    class Summarised(Model):
        band = IntegerField(primary_key=True)
        blocks = IntegerField()

        class Meta:
            table_name = "summarised"

    for model in (Strip, Summarised):
        model._meta.set_database(database)
    return SummaryTables(Strip, Summarised)
