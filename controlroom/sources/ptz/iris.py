"""The iris of a camera by ONVIF's imaging service 2.x: its automatic is left while somebody sets it by hand."""

from collections.abc import Callable
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from controlroom.domain.ptz import PtzTrouble
from controlroom.sources.ptz import soap
from controlroom.sources.ptz.fault import PtzFault

_NAMES = 'xmlns="http://www.onvif.org/ver20/imaging/wsdl" xmlns:t="http://www.onvif.org/ver10/schema"'
STEP = 1 / 30
"""The part of its way for each time that a movement at full speed is told, some six times a second; house figure."""
_KEPT = ("ExposureTime", "Gain")
"""What the automatic chose last stays as it is: a camera on manual would take its own idea of it."""


class Iris:
    """Opens and closes by steps. ONVIF tells the iris as attenuation in dB: 0 is fully open (type Exposure20).

    `asked` asks the imaging service; everything may raise PtzFault.
    """

    def __init__(self, asked: Callable[[str], Element], source: str) -> None:
        self._asked = asked
        self._source = f"<VideoSourceToken>{escape(source)}</VideoSourceToken>"
        self._range: tuple[float, float] | None = None
        self._at = 0.0
        self._before = ""
        self._kept = ""

    def find(self) -> bool:
        """Whether the camera has an iris that is set by hand."""
        try:
            options = self._asked(f"<GetOptions {_NAMES}>{self._source}</GetOptions>")
        except PtzFault as fault:
            if fault.trouble is not PtzTrouble.DECLINED:
                raise
            return False
        exposure = soap.first(options, "Exposure")
        span = soap.first(exposure, "Iris")
        modes = {soap.text_of(mode) for mode in soap.every(exposure, "Mode")} if exposure is not None else set()
        least, most = (soap.number(soap.text_of(soap.first(span, name))) for name in ("Min", "Max"))
        self._range = (least, most) if span is not None and "MANUAL" in modes and most - least > 1e-6 else None
        return self._range is not None

    def open_by(self, speed: float) -> None:
        """One step at a part -1…1 of the full speed; positive opens."""
        if self._range is None:
            raise PtzFault(PtzTrouble.UNABLE, "iris")
        least, most = self._range
        if not self._before:
            self._take_over()
        self._at = min(most, max(least, self._at - speed * (most - least) * STEP))
        self._set(f"<t:Mode>MANUAL</t:Mode>{self._kept}<t:Iris>{self._at:.4f}</t:Iris>")

    def let_go(self) -> None:
        """Give the exposure back to the mode in which it was found."""
        if self._before:
            before, self._before = self._before, ""
            if before != "MANUAL":
                self._set(f"<t:Mode>{escape(before)}</t:Mode>")

    def _take_over(self) -> None:
        told = self._asked(f"<GetImagingSettings {_NAMES}>{self._source}</GetImagingSettings>")
        exposure = soap.first(told, "Exposure")
        least, most = self._range or (0.0, 0.0)
        self._at = min(most, max(least, soap.number(soap.text_of(soap.first(exposure, "Iris")), least)))
        kept = ((name, soap.text_of(soap.first(exposure, name))) for name in _KEPT)
        self._kept = "".join(f"<t:{name}>{soap.number(value)}</t:{name}>" for name, value in kept if value)
        self._before = soap.text_of(soap.first(exposure, "Mode")) or "AUTO"

    def _set(self, exposure: str) -> None:
        settings = f"<ImagingSettings><t:Exposure>{exposure}</t:Exposure></ImagingSettings>"
        kept = "<ForcePersistence>false</ForcePersistence>"
        self._asked(f"<SetImagingSettings {_NAMES}>{self._source}{settings}{kept}</SetImagingSettings>")
