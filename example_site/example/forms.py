"""The form that sends a message."""

from __future__ import annotations

from typing import Any

from django import forms

from djhipchat2 import get_backend, send_message
from djhipchat2.exceptions import MessageError
from djhipchat2.message import Message
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Color, MessageFormat

#: A call that every chat takes; one field at a time is put into it and judged.
FAULTLESS = {
    "room_id": "Ops",
    "message": "Hello",
    "sender": "Example",
    "message_format": "text",
    "notify": False,
    "color": "yellow",
}


class MessageForm(forms.Form):
    """
    ``send_message()``'s parameters.

    djhipchat2 knows the chat's limits, so the fields have none of their own: every error is its
    MessageError, shown at the field that it names.
    """

    room_id = forms.CharField(
        label="Room", required=False, help_text="The room's name or id.", strip=False
    )
    message = forms.CharField(
        label="Message", required=False, widget=forms.Textarea(attrs={"rows": 4}), strip=False
    )
    message_format = forms.CharField(
        label="Format",
        required=False,
        initial=MessageFormat.TEXT,
        widget=forms.RadioSelect(choices=MessageFormat.choices),
    )
    color = forms.CharField(
        label="Colour",
        required=False,
        initial=Color.YELLOW,
        widget=forms.RadioSelect(choices=Color.choices),
    )
    sender = forms.CharField(
        label="Sender",
        required=False,
        empty_value=None,
        help_text="Empty: HIPCHAT_DEFAULT_SENDER.",
    )
    notify = forms.BooleanField(label="Notify the people in the room", required=False)

    def clean_message(self) -> str:
        # Browsers send line ends as two characters, and the chat counts both.
        return str(self.cleaned_data["message"]).replace("\r\n", "\n")

    def clean(self) -> None:
        limits = get_backend().limits
        for name, value in list(self.cleaned_data.items()):
            if name == "sender" and value is None:
                continue
            call: dict[str, Any] = {**FAULTLESS, name: value}
            try:
                Message.from_call(**call, limits=limits)
            except MessageError as error:
                self.add_error(error.field, f"{self.fields[error.field].label} {error.limit}")

    def send(self) -> OutboundMessage:
        """Send the message and return its row as it is after the first attempt."""
        row = send_message(**self.cleaned_data)
        row.refresh_from_db()
        return row
