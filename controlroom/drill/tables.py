"""The peewee tables of a recording, made for one database at a time."""

from dataclasses import dataclass
from typing import Any

from peewee import AutoField, BlobField, IntegerField, Model, SqliteDatabase, TextField

APPLICATION_ID = 0x43_52_44_52
"""«CRDR» in PRAGMA application_id: a file without it is no recording of ours."""

VERSION = 1
"""Kept in PRAGMA user_version; a file of a newer version is refused."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The model classes bound to one database."""

    meta: Any
    chunk: Any
    snapshot: Any

    def all(self) -> list[Any]:
        """Every model, for creating them."""
        return [self.meta, self.chunk, self.snapshot]


def bound_to(database: SqliteDatabase) -> Tables:
    """The tables of `database`."""

    class Base(Model):
        class Meta:
            pass

    Base._meta.set_database(database)

    class Meta(Base):
        key = TextField(primary_key=True)
        value = TextField()

        class Meta:
            database = Base._meta.database
            table_name = "meta"

    class Chunk(Base):
        id = AutoField()
        begin_ms = IntegerField(index=True)
        end_ms = IntegerField()
        count = IntegerField()
        body = BlobField()

        class Meta:
            database = Base._meta.database
            table_name = "chunk"

    class Snapshot(Base):
        id = AutoField()
        at_ms = IntegerField(index=True)
        sequence = IntegerField()
        body = BlobField()

        class Meta:
            database = Base._meta.database
            table_name = "snapshot"

    return Tables(meta=Meta, chunk=Chunk, snapshot=Snapshot)
