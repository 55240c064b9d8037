"""What sources and kinds of alarms are called in the officer's language."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec
from msgspec import Struct

from controlroom import i18n
from controlroom.domain.duty import Role
from controlroom.domain.kinds import SensorKind

_NONE: Mapping[str, str] = MappingProxyType({})


class Names:
    """Names by id; an id that nobody named is shown as it is."""

    def __init__(
        self, sources: Mapping[str, str] = _NONE, kinds: Mapping[str, str] = _NONE, roles: Mapping[str, str] = _NONE
    ) -> None:
        self._roles = dict(roles)
        self._sources = dict(sources)
        self._kinds = dict(kinds)

    def source(self, source: str) -> str:
        """The name of a source."""
        return self._sources.get(source, source)

    def kind(self, kind: str) -> str:
        """The name of a kind of alarm or sensor."""
        return self._kinds.get(kind, kind)

    def role(self, role: str) -> str:
        """The name of a role of the duty plan."""
        return self._roles.get(role, role)

    def origin(self, source: str, kind: str) -> str:
        """Source and kind in one cell."""
        return f"{self.source(source)} · {self.kind(kind)}" if kind else self.source(source)


class _Word(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    name_en: str


class _Table(Struct, forbid_unknown_fields=True):
    edition: str
    sources: dict[str, _Word]
    kinds: dict[str, _Word]


def decode_names(text: bytes, kinds: Mapping[str, SensorKind], roles: Iterable[Role] = ()) -> Names:
    """The names of a `names.toml`, of the kinds of sensors and of roles. Raises msgspec.ValidationError."""
    table = msgspec.toml.decode(text, type=_Table)
    chinese = i18n.language() == i18n.DEFAULT_LANGUAGE

    def said(word: _Word | SensorKind | Role) -> str:
        return word.name if chinese else word.name_en

    sources = {key: said(word) for key, word in table.sources.items()}
    sensors = {key: said(kind) for key, kind in kinds.items()}
    alarms = {key: said(word) for key, word in table.kinds.items()}
    return Names(sources, sensors | alarms, {role.id: said(role) for role in roles})
