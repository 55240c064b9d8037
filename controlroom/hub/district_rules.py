"""The alarm rules that a hub works by: ours, and those that a district laid over them."""

from pathlib import Path

import msgspec

import resources
from controlroom.domain.alarm_rules import AlarmRules, decode_rules, laid_over
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _

FILE = "alarm_rules.toml"


def load_rules(folder: Path) -> AlarmRules:
    """Our rules under those of `alarm_rules.toml` in this folder, if it is there. Raises EnvironmentFault."""
    ours = decode_rules(resources.path("data", FILE).read_bytes())
    file = folder / FILE
    try:
        return laid_over(ours, decode_rules(file.read_bytes()))
    except FileNotFoundError:
        return ours
    except OSError as error:
        raise EnvironmentFault(
            _("The alarm rules {file} cannot be opened: {reason}. Make the file readable for this user.").format(
                file=file, reason=error.strerror or error
            )
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EnvironmentFault(
            _("The alarm rules {file} are wrong: {reason}. Correct that place or move the file away.").format(
                file=file, reason=error
            )
        ) from error
