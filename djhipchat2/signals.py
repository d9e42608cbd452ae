"""
Signals about messages; receivers get the row as ``message``.

They are sent after the outcome is recorded, in the process that recorded it. A receiver that
raises is logged and changes nothing.
"""

from __future__ import annotations

from django.dispatch import Signal

#: A message was accepted by the chat. Arguments: ``message``.
message_sent = Signal()

#: A message reached ``failed``: it will not be tried again. Arguments: ``message``.
message_failed = Signal()
