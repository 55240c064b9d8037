"""The district's tables: files that it laid into its folder, before those that travel with the program."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

import resources
from controlroom.domain.alarm_bands import decode_bands
from controlroom.domain.alarm_policy import decode_policy
from controlroom.domain.duty import decode_duty_plan
from controlroom.domain.escalation import decode_escalation
from controlroom.domain.kinds import SensorKind, decode_kinds
from controlroom.domain.limit_book import STANDARDS, LimitBook
from controlroom.domain.picture_rules import decode_picture_rules
from controlroom.domain.ptz_rules import decode_book
from controlroom.domain.sensor_rules import decode_rules as decode_sensor_rules
from controlroom.domain.wall_rules import decode_rules as decode_wall_rules
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

T = TypeVar("T")

Refused = Callable[[str], None]
"""Hears a sentence for the officer of a file that is left out."""


def _standard(name: str) -> Callable[[bytes], object]:
    return lambda text: STANDARDS[name](tomllib.loads(text.decode("utf-8")))


TABLES: Mapping[str, Callable[[bytes], object]] = {
    "alarm_bands.toml": decode_bands,
    "alarm_policy.toml": decode_policy,
    "duty.toml": decode_duty_plan,
    "escalation.toml": decode_escalation,
    "picture_rules.toml": decode_picture_rules,
    "ptz_rules.toml": decode_book,
    "sensor_kinds.toml": decode_kinds,
    "sensor_rules.toml": decode_sensor_rules,
    "wall_rules.toml": decode_wall_rules,
    **{f"standards/{name}.toml": _standard(name) for name in STANDARDS},
}
"""What a district may lay over ours, by the name below its folder, with what reads it. A file is taken whole."""


class DistrictData:
    """Reads tables, the district's file where there is one. Immutable; the files are read when they are asked for."""

    def __init__(self, folder: Path | None = None, refused: Refused | None = None) -> None:
        """Without a folder only ours are read. With `refused` a wrong file is told and ours stands in for it."""
        self._folder = folder
        self._refused = refused

    def decoded(self, name: str, decode: Callable[[bytes], T]) -> T:
        """The table of this name as `decode` reads it. Raises EnvironmentFault for a wrong file of the district."""
        theirs = self._theirs(name)
        if theirs is not None:
            try:
                return _read(theirs, decode)
            except EnvironmentFault as fault:
                if self._refused is None:
                    raise
                self._refused(fault.sentence)
        return decode(resources.path("data", *name.split("/")).read_bytes())

    def standard(self, name: str) -> Mapping[str, Any]:
        """The table of a standard, for example `air`. Raises EnvironmentFault as `decoded` does."""

        def checked(text: bytes) -> Mapping[str, Any]:
            table = tomllib.loads(text.decode("utf-8"))
            STANDARDS[name](table)
            return table

        return self.decoded(f"standards/{name}.toml", checked)

    def kinds(self) -> dict[str, SensorKind]:
        """The kinds of sensors. Raises EnvironmentFault as `decoded` does."""
        return self.decoded("sensor_kinds.toml", decode_kinds)

    def limit_book(self, kinds: Mapping[str, SensorKind]) -> LimitBook:
        """The limits of the standards. Raises EnvironmentFault as `decoded` does."""
        return LimitBook(kinds, self.standard)

    def laid_over(self) -> list[str]:
        """The names of the tables that the district has a file for."""
        return [name for name in TABLES if self._theirs(name) is not None]

    def faults(self) -> list[str]:
        """A sentence for each file of the district that is wrong."""
        told = []
        for name in self.laid_over():
            try:
                DistrictData(self._folder).decoded(name, TABLES[name])
            except EnvironmentFault as fault:
                told.append(fault.sentence)
        return told

    def _theirs(self, name: str) -> Path | None:
        if self._folder is None:
            return None
        file = self._folder.joinpath(*name.split("/"))
        return file if file.exists() else None


def _read(file: Path, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(file.read_bytes())
    except OSError as error:
        told = _("The table {file} cannot be opened: {reason}. Make the file readable for this user.")
        raise EnvironmentFault(told.format(file=file, reason=error.strerror or error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, KeyError) as error:
        told = _("The table {file} is wrong: {reason}. Correct that place or move the file away.")
        raise EnvironmentFault(told.format(file=file, reason=error)) from error


OURS = DistrictData()
"""What travels with the program alone."""
