"""A backend that hands messages to a library, which sends them to addresses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.checks import CheckMessage

from ..conf import settings
from ..exceptions import shortened
from ..message import Limits, service_limits
from ..states import Outcome
from .base import HipChatBackendBase, Result
from .service_checks import check_libraries, require_none
from .service_options import Kinds, require_service_kinds


class AddressedBackend(HipChatBackendBase, ABC):
    """
    Sends each message to the addresses of its room.

    The option ``rooms`` has the addresses of rooms with some of their own, ``timeout`` the seconds
    of each wait (HIPCHAT_TIMEOUT). Raise ImproperlyConfigured for an option of the wrong kind.
    """

    service: ClassVar[str]
    #: The option for all other rooms.
    shared_option: ClassVar[str]
    option_kinds: ClassVar[Kinds]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        require_service_kinds(self.options, self.alias, self.option_kinds)

    @property
    def limits(self) -> Limits:
        return service_limits(self.service)

    @property
    def time_limit(self) -> float:
        return self.options.get("timeout") or settings.timeout

    @property
    def rooms(self) -> dict[str, Any]:
        """Addresses by the room's id or name."""
        rooms: Mapping[Any, Any] = self.options.get("rooms") or {}
        return {str(room): addresses for room, addresses in rooms.items()}

    @abstractmethod
    def check_options(self) -> list[CheckMessage]:
        """Return what is wrong with the backend's own options, without repeating a secret."""

    def check(self) -> list[CheckMessage]:
        return [*self.check_options(), *check_libraries(self.alias)]

    def require_settings(self) -> None:
        require_none(self.check_options())

    def nowhere(self, room: str) -> Result:
        """Return what a message to a room without an address comes to."""
        error = (
            f"The connection {self.alias or 'without a name'} has no address for the room "
            f"{shortened(room)}: add it to the option rooms, or set the option "
            f"{self.shared_option}."
        )
        return Result(Outcome.REJECTED, error=error)
