"""What the package refuses, and why, in the language of whoever looks at the page."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..exceptions import ConnectionUnknown, MessageError, shortened

#: What pages call the values of a message that can be refused.
NAMES = {
    "room_id": gettext_lazy("Room"),
    "sender": gettext_lazy("Sender"),
    "message": gettext_lazy("Message"),
}


def rule_of(error: MessageError) -> str:
    """Return the rule that a value breaks."""
    named = {
        name: number_format(value, force_grouping=True) if isinstance(value, int) else _(value)
        for name, value in error.named.items()
    }
    return _(error.rule) % named if named else _(error.rule)


def refusal(error: Exception) -> str:
    """Return what stands in the way, as a sentence of its own; mistakes of settings in English."""
    if isinstance(error, MessageError) and error.field in NAMES:
        return f"{NAMES[error.field]} {shortened(error.value)}: {rule_of(error)}"
    if isinstance(error, ConnectionUnknown):
        text = _(
            "The connection %(alias)s is not configured in this process. Known: %(known)s. "
            "Add it to HIPCHAT_CONNECTIONS."
        )
        known = ", ".join(map(str, error.known))
        return text % {"alias": shortened(error.alias), "known": known}
    return str(error)
