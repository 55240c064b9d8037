"""What every command starts with: the settings and the folders of this run."""

from dataclasses import dataclass

from controlroom.settings import Folders, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Settings and folders; `notices` are sentences for the officer about the settings files."""

    settings: Settings
    folders: Folders
    notices: tuple[str, ...] = ()
