"""Why the hub said no, in words for the officer."""

from controlroom.i18n import _


def sentence(code: str, text: str = "") -> str:
    """A sentence for a code of wire.messages.Refusal; `text` is the hub's own detail, in brackets behind it."""
    said = {
        "malformed": _("The hub did not understand the command; this is a fault of the program, please report it."),
        "newer_version": _("The hub is older than this seat; have the hub updated."),
        "wrong_realm": _("The command belongs to another room (live or drill) than this hub."),
        "changed_meanwhile": _("Somebody else has changed this meanwhile; yours was not kept, look and do it again."),
        "out_of_order": _("The command came out of order; try again."),
        "unknown_object": _("The hub does not know what the command is about; it may have gone since."),
        "already_done": _("Somebody else has done this already."),
        "reason_required": _("A reason is required."),
        "not_allowed": _("You are not allowed to do this."),
        "too_large": _("That is too much at once; choose less."),
        "store_unavailable": _("The hub cannot store anything at the moment, so nothing was changed; try again soon."),
        "history_gone": _("The hub no longer keeps a history that old."),
    }.get(code)
    if said is None:
        said = _("The hub refused the command ({code}).").format(code=code)
    return _("{sentence} ({detail})").format(sentence=said, detail=text) if text else said
