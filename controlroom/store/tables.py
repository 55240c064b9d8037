"""The peewee tables of the store, made for one database at a time so that two stores can live in one process."""

from dataclasses import dataclass
from typing import Any

from peewee import BlobField, CompositeKey, IntegerField, Model, SqliteDatabase, TextField

VERSION = 1
"""Kept in PRAGMA user_version; a file of a newer version is refused."""

SUMMED = ("journal", "checkpoint")
"""The tables whose rows have a checksum in a column `crc`; a store of an older program gets it when it is opened."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The model classes bound to one database."""

    meta: Any
    journal: Any
    cursor: Any
    answer: Any
    checkpoint: Any
    refused: Any
    run: Any
    standing: Any

    def all(self) -> list[Any]:
        """Every model, for creating them."""
        beside = [self.cursor, self.answer, self.checkpoint, self.refused, self.run, self.standing]
        return [self.meta, self.journal, *beside]


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

    class Journal(Base):
        sequence = IntegerField(primary_key=True)
        at_ms = IntegerField()
        kind = TextField()
        subject = TextField()
        body = BlobField()
        crc = IntegerField(null=True)

        class Meta:
            database = Base._meta.database
            table_name = "journal"
            indexes = ((("kind", "sequence"), False), (("subject", "sequence"), False))

    class Cursor(Base):
        source = TextField()
        session = TextField()
        sequence = IntegerField()

        class Meta:
            database = Base._meta.database
            table_name = "cursor"
            primary_key = CompositeKey("source", "session")

    class Answer(Base):
        command = TextField(primary_key=True)
        at_ms = IntegerField(index=True)
        body = BlobField()

        class Meta:
            database = Base._meta.database
            table_name = "answer"

    class Checkpoint(Base):
        id = IntegerField(primary_key=True)
        sequence = IntegerField()
        body = BlobField()
        crc = IntegerField(null=True)

        class Meta:
            database = Base._meta.database
            table_name = "checkpoint"

    return Tables(Meta, Journal, Cursor, Answer, Checkpoint, _refused(Base), _run(Base), _standing(Base))


def _run(base: type[Model]) -> Any:
    """When the hub was started and last seen running."""

    class Run(base):  # type: ignore[misc, valid-type]  # the model of one database
        started_ms = IntegerField(primary_key=True)
        seen_ms = IntegerField()

        class Meta:
            database = base._meta.database
            table_name = "run"

    return Run


def _standing(base: type[Model]) -> Any:
    """The alarms that stood at some events, so that how the room stood is not read from its beginning."""

    class Standing(base):  # type: ignore[misc, valid-type]  # the model of one database
        sequence = IntegerField(primary_key=True)
        body = BlobField()

        class Meta:
            database = base._meta.database
            table_name = "standing"

    return Standing


def _refused(base: type[Model]) -> Any:
    """Messages that were turned away and may still be looked at."""

    class Refused(base):  # type: ignore[misc, valid-type]  # the model of one database
        number = IntegerField(primary_key=True)
        source = TextField()
        at_ms = IntegerField()
        code = TextField()
        text = TextField()
        size = IntegerField()
        body = BlobField()

        class Meta:
            database = base._meta.database
            table_name = "refused"
            indexes = ((("source", "number"), False),)

    return Refused
