"""Translation of every visible string; English in code, Chinese in catalogues."""


def _(message: str) -> str:
    """The message in the officer's language; fields stay as they are."""
    return message
