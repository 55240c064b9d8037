"""What can be wrong with a stream, in the officer's words."""

import enum

from msgspec import Struct

from controlroom.i18n import _


class Fault(enum.StrEnum):
    """Why there is no picture."""

    BAD_ADDRESS = "bad_address"
    NOT_FOUND = "not_found"
    UNAUTHORISED = "unauthorised"
    NO_FILE = "no_file"
    UNKNOWN_HOST = "unknown_host"
    NOBODY = "nobody"
    NO_ANSWER = "no_answer"
    SERVER_ERROR = "server_error"
    NOT_VIDEO = "not_video"
    ENDED = "ended"
    SILENT = "silent"
    NO_PICTURE = "no_picture"
    BROKEN = "broken"
    PLATFORM = "platform"
    PLATFORM_ADDRESS = "platform_address"
    NO_RECORDING = "no_recording"
    NOT_WRITTEN = "not_written"

    @property
    def is_refusal(self) -> bool:
        """Whether trying again is of little use until somebody changes something."""
        return self in _REFUSALS


_REFUSALS = frozenset((Fault.BAD_ADDRESS, Fault.NOT_FOUND, Fault.UNAUTHORISED, Fault.NO_FILE, Fault.PLATFORM_ADDRESS))


class Trouble(Struct, frozen=True):
    """A fault with the (masked) detail that its sentence names."""

    fault: Fault
    detail: str = ""

    @property
    def sentence(self) -> str:
        """One sentence that says what is wrong and what to do, in the officer's language."""
        return _sentence(self.fault).format(detail=self.detail)


class StreamFault(Exception):
    """A stream cannot be opened or went away; `trouble` says why. `detail` must hold no secret."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}")
        self.trouble = Trouble(fault, detail)


def _sentence(fault: Fault) -> str:
    match fault:
        case Fault.BAD_ADDRESS:
            return _(
                "“{detail}” is no address of a stream (rtsp, rtmp, http, udp or a file): correct the camera's address."
            )
        case Fault.NOT_FOUND:
            return _("The server does not know this camera (404): check its address.")
        case Fault.UNAUTHORISED:
            return _("The server refuses the user name or password: check the camera's account.")
        case Fault.NO_FILE:
            return _("The file {detail} is not there or may not be read.")
        case Fault.UNKNOWN_HOST:
            return _("The name {detail} is not known to the network: check the address or the name server.")
        case Fault.NOBODY:
            return _("Nobody answers at {detail}: the camera or its server is switched off.")
        case Fault.NO_ANSWER:
            return _("{detail} does not answer in time: check the network or the camera.")
        case Fault.SERVER_ERROR:
            return _("The video server reports an error ({detail}): ask its operator.")
        case Fault.NOT_VIDEO:
            return _("What comes from there is no video that can be read.")
        case Fault.ENDED:
            return _("The server ended the stream.")
        case Fault.SILENT:
            return _("No more data come from the camera.")
        case Fault.NO_PICTURE:
            return _("Data come, but no picture can be made of them.")
        case Fault.BROKEN:
            return _("The decoder of this stream failed; the log says more.")
        case Fault.PLATFORM:
            return _("The video platform's answer holds no address of a stream ({detail}): ask its operator.")
        case Fault.NO_RECORDING:
            return _("There is no recording of that time: choose another one.")
        case Fault.NOT_WRITTEN:
            return _("The file could not be written ({detail}): check the folder of recordings and its free space.")
        case Fault.PLATFORM_ADDRESS:
            return _("The video platform's address is missing or wrong: set video.platform, with {{id}} in it.")
