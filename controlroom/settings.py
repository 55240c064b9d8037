"""Settings: defaults, then the site's file, then the seat's file, then the environment; the later wins.

Files are TOML; `manual()` writes one that explains itself. The environment speaks as `CONTROLROOM__HUB__PORT=7700`.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs
import tomlkit
from msgspec import Meta, Struct, field

from controlroom.errors import EnvironmentFault
from controlroom.i18n import N_, _

PREFIX = "CONTROLROOM__"
HOME_VARIABLE = "CONTROLROOM_HOME"
FILE = "settings.toml"

Text = Annotated[str, Meta(max_length=200)]
List = Annotated[str, Meta(max_length=4000)]


class Ui(Struct, frozen=True):
    """What the officer sees."""

    language: Annotated[
        Literal["zh_CN", "en"], Meta(description=N_("Language of the screens; a change needs a restart."))
    ] = "zh_CN"
    theme: Annotated[Literal["dark", "light"], Meta(description=N_("dark for a night room, light for day."))] = "dark"
    officer: Annotated[Text, Meta(description=N_("Name of the officer on duty, written into every log entry."))] = ""
    role: Annotated[Text, Meta(description=N_("Role of the officer, shown in the strip at the top."))] = ""
    seat: Annotated[
        Text, Meta(description=N_("Name of this seat, each its own; empty is the name of the machine."))
    ] = ""


class Hub(Struct, frozen=True):
    """Where the truth is."""

    host: Annotated[Text, Meta(description=N_("Address of the hub; loopback means that this seat starts its own."))] = (
        "127.0.0.1"
    )
    port: Annotated[
        int,
        Meta(
            ge=1024,
            le=65532,
            description=N_("First of four neighbouring ports; change it when another program has them."),
        ),
    ] = 7600
    data_dir: Annotated[str, Meta(description=N_("Folder of the store; empty is the usual place of this system."))] = ""
    keys_dir: Annotated[str, Meta(description=N_("Folder of the keys; empty is the usual place of this system."))] = ""
    insecure: Annotated[
        bool,
        Meta(description=N_("Serve other machines without encryption; every window then says so. For trials only.")),
    ] = False


class Sound(Struct, frozen=True):
    """What the officer hears."""

    enabled: Annotated[bool, Meta(description=N_("Sound on a new unacknowledged alarm."))] = True
    speaks: Annotated[bool, Meta(description=N_("Say new alarms aloud where this machine can speak."))] = True
    severities: Annotated[
        Text, Meta(description=N_("Severities that this seat hears, such as 1,2; empty means all (1 red to 4 blue)."))
    ] = ""
    departments: Annotated[
        List, Meta(description=N_("Departments whose alarms this seat hears, with commas; empty means all."))
    ] = ""
    areas: Annotated[
        List, Meta(description=N_("Areas whose alarms this seat hears, with commas; empty means the whole district."))
    ] = ""


class Alarms(Struct, frozen=True):
    """How alarms are listed."""

    plain_table: Annotated[
        bool, Meta(description=N_("List alarms in a plain table that screen readers read, instead of the painted one."))
    ] = False


class Wall(Struct, frozen=True):
    """The video wall."""

    columns: Annotated[
        int, Meta(ge=1, le=8, description=N_("Tiles beside each other; more tiles need more processors for decoding."))
    ] = 3
    web_hosts: Annotated[
        List,
        Meta(
            description=N_("Hosts whose web pages a wall may show, with commas; empty means none, all stays offline.")
        ),
    ] = ""


class Map(Struct, frozen=True):
    """A map service (WMTS) of the government network under the map; others, and tiles in files, go into a folder."""

    wmts_address: Annotated[
        str,
        Meta(
            max_length=2000,
            description=N_(
                "Address of a WMTS whose tiles lie under the map, http:// or https://; only its host is ever asked. "
                "Empty means none. Files and more services go into the folder basemaps beside the data."
            ),
        ),
    ] = ""
    wmts_layer: Annotated[Text, Meta(description=N_("Its layer; empty is the first one."))] = ""
    wmts_matrix_set: Annotated[
        Text, Meta(description=N_("Its tile matrix set; empty is the first that the map can draw."))
    ] = ""
    wmts_style: Annotated[Text, Meta(description=N_("Its style; empty is the usual one."))] = ""
    wmts_token: Annotated[
        Text, Meta(description=N_("Its token; it goes into requests and is shown nowhere. Keep this file private."))
    ] = ""
    wmts_token_name: Annotated[Text, Meta(description=N_("What the token is called in its requests."))] = "tk"
    wmts_name: Annotated[Text, Meta(description=N_("What the map calls it; empty is the name of its layer."))] = ""
    wmts_attribution: Annotated[Text, Meta(description=N_("Whose map it is; it stands in the corner of the map."))] = ""
    wmts_date: Annotated[Text, Meta(description=N_("Of what day or year its data is."))] = ""
    wmts_datum: Annotated[
        Literal["", "wgs84", "cgcs2000", "gcj02", "bd09"],
        Meta(description=N_("Its datum where the service does not say it; gcj02 is shifted back to where things are.")),
    ] = ""
    wmts_cache_mb: Annotated[
        int,
        Meta(ge=16, le=100_000, description=N_("Tiles of services that are kept on disk in MB; the oldest go first.")),
    ] = 2048


class Video(Struct, frozen=True):
    """Where pictures come from and what they may cost."""

    budget_percent: Annotated[
        int,
        Meta(
            ge=5,
            le=100,
            description=N_(
                "What decoding may take of all processors, in percent; beyond it tiles get less and say so."
            ),
        ),
    ] = 80
    patrol: Annotated[
        int,
        Meta(
            ge=0,
            le=8,
            description=N_(
                "Cameras that nobody looks at, opened so many at a time to diagnose their pictures; 0 is none, as "
                "small machines need. Set it on one or two strong seats."
            ),
        ),
    ] = 0
    platform: Annotated[
        str,
        Meta(
            max_length=1000,
            description=N_(
                "Asked by HTTP where a camera's stream is; {id} and {stream} (main or sub) are filled in. "
                "Cameras with the address platform:<id> need it."
            ),
        ),
    ] = ""
    replay_minutes: Annotated[
        int,
        Meta(ge=0, le=60, description=N_("Minutes of each watched camera that are kept for instant replay.")),
    ] = 5
    replay_mb: Annotated[
        int,
        Meta(
            ge=1,
            le=65536,
            description=N_(
                "Memory for instant replay of all cameras in MB, a quarter of it for one; the oldest goes first."
            ),
        ),
    ] = 256
    recordings_dir: Annotated[
        str,
        Meta(
            max_length=1000,
            description=N_(
                "Folder of recordings named <camera>_<YYYYmmddTHHMMSSZ>.mp4 by their first picture in UTC; "
                "snapshots and clips are written there too. Empty is the folder video beside the data."
            ),
        ),
    ] = ""
    recordings: Annotated[
        str,
        Meta(
            max_length=1000,
            description=N_(
                "Asked by HTTP where a camera's recording is; {id}, {from} and {to} (ISO 8601, UTC) "
                "or {from_s} and {to_s} (seconds since 1970) are filled in."
            ),
        ),
    ] = ""


class Ptz(Struct, frozen=True):
    """How steerable cameras are reached, by the adapter of this machine."""

    user: Annotated[
        Text, Meta(description=N_("User of the cameras; a camera of its own in ptz_cameras.toml may have another."))
    ] = ""
    password: Annotated[
        Text,
        Meta(
            description=N_("Password of the cameras; better in the environment than here (CONTROLROOM__PTZ__PASSWORD).")
        ),
    ] = ""
    platform: Annotated[
        str,
        Meta(
            max_length=1000,
            description=N_(
                "Asked by HTTP to move cameras with the address platform:<device>/<channel>; {device}, {channel} "
                "and {code} (the eight bytes of GB/T 28181 annex A.3 in hex) are filled in."
            ),
        ),
    ] = ""
    platform_method: Annotated[Literal["GET", "POST"], Meta(description=N_("How the platform wants to be asked."))] = (
        "GET"
    )


class Demo(Struct, frozen=True):
    """The simulated district."""

    simulate: Annotated[
        bool, Meta(description=N_("Feed the seat's own hub with a simulated district; switch it off in a real centre."))
    ] = True


class Record(Struct, frozen=True):
    """The recorder of drills and shifts."""

    enabled: Annotated[bool, Meta(description=N_("Record what passes the hub, for replay and reports."))] = True
    max_mb: Annotated[
        int,
        Meta(ge=16, le=1_000_000, description=N_("Size of all recordings in MB; the oldest make room for new ones.")),
    ] = 2048


class History(Struct, frozen=True):
    """The readings of the sensors on the hub's disk."""

    days: Annotated[
        int,
        Meta(
            ge=1,
            le=3660,
            description=N_("Days for which every reading is kept; more days let curves reach further back."),
        ),
    ] = 30
    minute_days: Annotated[
        int,
        Meta(
            ge=1,
            le=3660,
            description=N_("Days for which the least, greatest and mean of each minute are kept."),
        ),
    ] = 90
    summary_days: Annotated[
        int,
        Meta(
            ge=1,
            le=3660,
            description=N_("Days for which the least, greatest and mean of ten minutes are kept, for long curves."),
        ),
    ] = 400
    hour_days: Annotated[
        int,
        Meta(
            ge=1,
            le=36600,
            description=N_("Days for which the least, greatest and mean of each hour are kept, for years."),
        ),
    ] = 3660
    max_mb: Annotated[
        int,
        Meta(
            ge=64,
            le=10_000_000,
            description=N_("Size of the history of readings in MB; the oldest day makes room for the new one."),
        ),
    ] = 10_000


class Settings(Struct, frozen=True):
    """Everything that can be set, with its defaults."""

    ui: Ui = field(default_factory=Ui)
    hub: Hub = field(default_factory=Hub)
    sound: Sound = field(default_factory=Sound)
    alarms: Alarms = field(default_factory=Alarms)
    wall: Wall = field(default_factory=Wall)
    map: Map = field(default_factory=Map)
    video: Video = field(default_factory=Video)
    ptz: Ptz = field(default_factory=Ptz)
    demo: Demo = field(default_factory=Demo)
    record: Record = field(default_factory=Record)
    history: History = field(default_factory=History)


class Folders(Struct, frozen=True):
    """Where this seat keeps what."""

    site_file: Path
    """Settings of the whole centre, written by its administrator."""
    seat_file: Path
    """Settings of this seat, written by the officer and by the program."""
    data: Path
    """Stores, recordings and keys."""
    state: Path
    """Positions of windows and panels."""
    logs: Path


class Loaded(Struct, frozen=True):
    """Settings, and what the officer should be told about them."""

    settings: Settings
    notices: tuple[str, ...]


def folders(home: Path | None = None, environ: Mapping[str, str] = os.environ) -> Folders:
    """The folders of this seat: below `home` or $CONTROLROOM_HOME where given, else the usual places of the system."""
    chosen = home or (Path(environ[HOME_VARIABLE]) if environ.get(HOME_VARIABLE) else None)
    if chosen is not None:
        base = chosen.expanduser().absolute()
        return Folders(base / f"site-{FILE}", base / FILE, base / "data", base / "state", base / "logs")
    usual = platformdirs.PlatformDirs("controlroom", appauthor=False)
    return Folders(
        usual.site_config_path / FILE,
        usual.user_config_path / FILE,
        usual.user_data_path,
        usual.user_state_path,
        usual.user_log_path,
    )


def load(places: Folders, environ: Mapping[str, str] = os.environ) -> Loaded:
    """Settings of all layers; raises EnvironmentFault that names the file, the setting and what to do.

    Settings that are not known are left out and told in the notices.
    """
    merged: dict[str, Any] = {}
    notices: list[str] = []
    for file in (places.site_file, places.seat_file):
        layer = _read(file)
        _convert(layer, str(file))
        notices += [
            _("{file}: there is no setting “{key}”; it has no effect.").format(file=file, key=key)
            for key in unknown(layer)
        ]
        merged = _merge(merged, layer)
    spoken = from_environment(environ)
    notices += [
        _("The environment sets “{key}”, which does not exist; it has no effect.").format(key=key)
        for key in unknown(spoken)
    ]
    _convert(spoken, _("the environment (CONTROLROOM__…)"))
    return Loaded(_convert(_merge(merged, spoken), str(places.seat_file)), tuple(notices))


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The layer that the environment speaks: `CONTROLROOM__HUB__PORT` is `hub.port`."""
    layer: dict[str, Any] = {}
    for name, value in environ.items():
        section, _separator, key = name.removeprefix(PREFIX).lower().partition("__")
        if name.startswith(PREFIX) and section and key:
            layer.setdefault(section, {})[key] = value
    return layer


def unknown(layer: Mapping[str, Any]) -> list[str]:
    """Dotted names of a layer that no setting has."""
    sections = {
        one.name: {key.name for key in msgspec.structs.fields(one.type)} for one in msgspec.structs.fields(Settings)
    }
    found = []
    for section, values in layer.items():
        if section not in sections:
            found.append(section)
        elif isinstance(values, Mapping):
            found += [f"{section}.{key}" for key in values if key not in sections[section]]
    return found


def write(file: Path, changes: Mapping[str, str | int | bool]) -> None:
    """Change settings in a file, `{"ui.theme": "light"}`; comments and everything else in it stay.

    A file that is not there yet begins as the manual. The file is replaced in one step. Raises KeyError for a name that
    does not exist, EnvironmentFault for a value that does not fit, for a file that is broken already and for one that
    cannot be written.
    """
    _read(file)
    document = tomlkit.parse(file.read_text(encoding="utf-8") if file.exists() else manual())
    for name, value in changes.items():
        section, _dot, key = name.partition(".")
        if unknown({section: {key: value}}):
            raise KeyError(name)
        table = document.setdefault(section, tomlkit.table())
        if not isinstance(table, tomlkit.items.Table):
            _convert({section: None}, str(file))
        table[key] = value
    _convert(document.unwrap(), str(file))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f".{file.name}.new")
        with new.open("w", encoding="utf-8") as sink:
            sink.write(tomlkit.dumps(document))
            sink.flush()
            os.fsync(sink.fileno())
        new.replace(file)
    except OSError as error:
        raise EnvironmentFault(
            _("The settings could not be written to {file}: {reason}. Make the folder writable for this user.").format(
                file=file, reason=error.strerror or error
            )
        ) from error


def manual() -> str:
    """A settings file with every setting, its meaning and its default, all commented out."""
    lines = ["# " + _("Settings of the control room. Remove the # before a line to change it.")]
    for section in msgspec.structs.fields(Settings):
        lines += ["", f"[{section.name}]"]
        for one in msgspec.structs.fields(section.type):
            kind = msgspec.inspect.type_info(one.type)
            described = kind.extra_json_schema if isinstance(kind, msgspec.inspect.Metadata) else None
            lines.append("# " + _(str((described or {}).get("description", ""))))
            lines.append(f"# {one.name} = {tomlkit.item(one.default).as_string()}")
    return "\n".join(lines) + "\n"


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as source:
            return tomllib.load(source)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EnvironmentFault(
            _("The settings file {file} cannot be read: {reason}. Correct that place or move the file away.").format(
                file=file, reason=error
            )
        ) from error
    except OSError as error:
        raise EnvironmentFault(
            _("The settings file {file} cannot be opened: {reason}. Make it readable for this user.").format(
                file=file, reason=error.strerror or error
            )
        ) from error


def _convert(layer: Mapping[str, Any], origin: str) -> Settings:
    try:
        # The environment speaks in strings, so "7700" is a number here; a file that quotes a number is forgiven too.
        return msgspec.convert(layer, Settings, strict=False)
    except msgspec.ValidationError as error:
        what, _separator, path = str(error).partition(" - at ")
        raise EnvironmentFault(
            _("{origin}: the setting {path} is wrong: {what}. Correct it or remove it, then start again.").format(
                origin=origin, path=path.strip("`") or "$", what=what
            )
        ) from error


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
