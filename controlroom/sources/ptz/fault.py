"""Why a camera could not be moved."""

from controlroom.domain.ptz import PtzTrouble


class PtzFault(Exception):
    """A camera, or its platform, did not do what it was told; `detail` holds no credentials."""

    def __init__(self, trouble: PtzTrouble, detail: str = "") -> None:
        super().__init__(f"{trouble}: {detail}")
        self.trouble = trouble
        self.detail = detail[:200]
