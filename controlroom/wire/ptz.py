"""What crosses a socket about steerable cameras: commands and movements of seats, orders to adapters, their reports."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from controlroom.domain.place import Point
from controlroom.domain.ptz import CameraId, Pose, PtzUnit, Thumbnail, Token
from controlroom.domain.ptz_rules import PtzRule

Reason = Annotated[str, Meta(max_length=400)]
SeatName = Annotated[str, Meta(min_length=1, max_length=200)]
Speed = Annotated[float, Meta(ge=-1.0, le=1.0)]
"""Part of what the head can do: right, up, nearer, far focus and an open iris are positive."""

DEAD_MAN_S = 0.6
"""A head that was told nothing for so long stops by itself; a seat tells it four times as often (house figure)."""

# ---------------------------------------------------------------- commands: written down, carried out once


class TakePtz(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="take_ptz"):
    """Takes a camera, or keeps it for longer. One that another seat holds is refused with who holds it.

    With `over` a commander takes it from a lower role; the reason may not be empty then, and the loser is told.
    """

    camera: CameraId
    reason: Reason = ""
    over: bool = False


class AskPtz(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="ask_ptz"):
    """Asks the holder for a camera; a question that is not answered in time lapses."""

    camera: CameraId
    reason: Reason = ""


class AnswerPtz(Struct, frozen=True, kw_only=True, tag="answer_ptz"):
    """The holder hands the camera to a seat that asked for it, or to any other that is there, or declines."""

    camera: CameraId
    to: SeatName
    hand: bool


class ReleasePtz(Struct, frozen=True, kw_only=True, tag="release_ptz"):
    """Gives a camera back; who asked first gets it."""

    camera: CameraId


class GoToPreset(Struct, frozen=True, kw_only=True, tag="go_to_preset"):
    """Sends a camera to a preset; `home` stands for its own home."""

    camera: CameraId
    preset: Token


class SavePreset(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="save_preset"):
    """Keeps where the camera looks now under a name, in place of `preset` where that is named.

    `picture` is what is seen there, a small JPEG for the buttons of all seats.
    """

    camera: CameraId
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    preset: Annotated[str, Meta(max_length=64)] = ""
    picture: Thumbnail = b""


class RenamePreset(Struct, frozen=True, kw_only=True, tag="rename_preset"):
    """Calls a preset otherwise; it goes on looking where it looked."""

    camera: CameraId
    preset: Token
    name: Annotated[str, Meta(min_length=1, max_length=80)]


class RemovePreset(Struct, frozen=True, kw_only=True, tag="remove_preset"):
    """Takes a preset away; one that a rule or the guard uses is kept."""

    camera: CameraId
    preset: Token


class TurnTo(Struct, frozen=True, kw_only=True, tag="turn_to"):
    """Turns a camera to a place on the ground, by its position, heading and view."""

    camera: CameraId
    point: Point


class StartPatrol(Struct, frozen=True, kw_only=True, tag="start_patrol"):
    """Sends a camera from preset to preset while the lease lasts, or until it is moved otherwise."""

    camera: CameraId
    presets: Annotated[tuple[Token, ...], Meta(min_length=2, max_length=32)]
    dwell_s: Annotated[int, Meta(ge=3, le=3600)] = 10


class StopPatrol(Struct, frozen=True, kw_only=True, tag="stop_patrol"):
    """Ends the patrol where it is."""

    camera: CameraId


class SetPtzGuard(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="set_ptz_guard"):
    """Says to which preset (or `home`) a camera goes back some time after nobody holds it; an empty one is none."""

    camera: CameraId
    preset: Annotated[str, Meta(max_length=64)] = ""
    after_s: Annotated[int, Meta(ge=0, le=86_400)] = 30


class SetPtzRule(Struct, frozen=True, kw_only=True, tag="set_ptz_rule"):
    """Makes a rule that moves cameras, changes it, switches it on or off."""

    rule: PtzRule


class RemovePtzRule(Struct, frozen=True, kw_only=True, tag="remove_ptz_rule"):
    """Takes a rule away; one of the program is switched off, not removed."""

    rule: Annotated[str, Meta(min_length=1, max_length=200)]


PtzCommand = (
    TakePtz
    | AskPtz
    | AnswerPtz
    | ReleasePtz
    | GoToPreset
    | SavePreset
    | RenamePreset
    | RemovePreset
    | TurnTo
    | StartPatrol
    | StopPatrol
    | SetPtzGuard
    | SetPtzRule
    | RemovePtzRule
)

# ---------------------------------------------------------------- movements: passed on at once, not written down


class SteerPtz(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="steer_ptz"):
    """Moves a camera that the seat holds, until the next one; all speeds 0 stop it, and so does silence of 0.6 s."""

    camera: CameraId
    seat: SeatName
    officer: SeatName
    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0
    focus: Speed = 0.0
    iris: Speed = 0.0


Unit = Annotated[float, Meta(ge=-1.0, le=1.0)]


class CentrePtz(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="centre_ptz"):
    """Brings a box of the picture (left, bottom, right, top; each -1…1) to its middle; a box without extent is a point.

    With an extent it fills the picture as far as the zoom goes. `aspect` is the picture's width by its height.
    """

    camera: CameraId
    seat: SeatName
    officer: SeatName
    box: tuple[Unit, Unit, Unit, Unit]
    aspect: Annotated[float, Meta(ge=0.1, le=10.0)] = 16 / 9


class PtzNoted(Struct, frozen=True, kw_only=True, tag="ptz_noted"):
    """A movement was passed on, or a report taken."""


# ---------------------------------------------------------------- between hub and adapter


class PtzAdapterHere(Struct, frozen=True, kw_only=True, tag="ptz_adapter"):
    """An adapter lives and takes orders as answers to this, said again at least every 2 s; the newest one gets all."""

    name: SeatName


class TellPtz(Struct, frozen=True, kw_only=True, tag="tell_ptz"):
    """What an adapter knows of cameras now; guards are the hub's and are not read from it."""

    units: Annotated[tuple[PtzUnit, ...], Meta(max_length=256)]


PtzWork = Literal["open", "steer", "box", "pose", "go", "home", "save", "remove", "close"]
"""What an adapter is asked to do with a head."""


class PtzOrder(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that an adapter is to do with a camera. What is not named by its `act` is left out.

    `address` is the camera's, `wide_deg` its view at zoom 1.
    """

    camera: CameraId
    address: Annotated[str, Meta(max_length=1000)]
    act: PtzWork
    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0
    focus: Speed = 0.0
    iris: Speed = 0.0
    box: tuple[Unit, Unit, Unit, Unit] | None = None
    aspect: float = 16 / 9
    pose: Pose | None = None
    preset: Annotated[str, Meta(max_length=64)] = ""
    name: Annotated[str, Meta(max_length=80)] = ""
    wide_deg: float = 60.0


class PtzOrders(Struct, frozen=True, kw_only=True, tag="ptz_orders"):
    """What an adapter is to do now, in this order; none is a sign of life."""

    orders: tuple[PtzOrder, ...]


PtzQuestion = SteerPtz | CentrePtz | PtzAdapterHere | TellPtz
PtzAnswer = PtzNoted | PtzOrders
