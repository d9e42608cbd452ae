"""
A chat service that takes each message with one request, and says in its answer what became of it.

A subclass says what request a message becomes (``post_of()``) and what an answer's own words mean
(``read()``); the rest is the same for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from ..exceptions import shortened
from ..markup.document import Document
from ..message import Limits, Message, service_limits
from ..states import Outcome, Scope
from .answer import Answer
from .base import Result
from .over_http import HTTP_OPTIONS, HttpBackendBase
from .proxy_checks import check_proxies
from .service_answers import Reading, result_of, unanswered
from .service_checks import check_certificates, check_libraries, require_none
from .service_options import HTTP_KINDS, Kinds, of_room, require_service_kinds
from .unanswered import Unanswered

SERVICE_OPTIONS = ("rooms", *HTTP_OPTIONS)


@dataclass(frozen=True)
class Post:
    """The request that delivers a message. Most of it is secret, so its repr shows nothing."""

    url: str = field(repr=False)
    body: Any = field(default=None, repr=False)
    """What goes out as JSON."""
    data: Mapping[str, Any] | None = field(default=None, repr=False)
    """What goes out as a form."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What is cut out of everything that the service says."""
    limit: Scope = Scope.CONNECTION
    """What a limit of the service's covers."""
    address: str = ""
    """How errors call the setting of the address, if not as the service's others do."""
    login: str = ""
    """How errors call the setting that lets us in; empty: the address does."""


class Undeliverable(Exception):
    """A message that the connection has no way for; says the remedy and no secret."""


class ServiceBase(HttpBackendBase, ABC):
    """
    What all services have in common: options, rooms and checks.

    The option ``rooms`` says what the service calls a room. Raise ImproperlyConfigured for an
    option of the wrong kind.
    """

    #: The service's name, as people know it.
    service: ClassVar[str]
    #: How error messages call the setting of the service's address.
    address_name: ClassVar[str] = "the option url"
    #: Where the service's API is, unless the option ``api_url`` says otherwise.
    default_api_url: ClassVar[str] = ""
    #: HipChat's @all and @here in the service's words; the second rings for ``notify``, too.
    ringing: ClassVar[tuple[str, str]] = ("", "")
    option_names: ClassVar[tuple[str, ...]] = SERVICE_OPTIONS
    #: Those of the options that are no texts.
    option_kinds: ClassVar[Kinds] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        kinds = {
            "rooms": (Mapping, f"a dictionary from a room to what {self.service} calls it"),
            **HTTP_KINDS,
            **self.option_kinds,
        }
        require_service_kinds(self.options, self.alias, kinds)
        for room, target in self.rooms.items():
            if not isinstance(target, str) or not target.strip():
                message = (
                    f"The option rooms of the connection {alias_of(self)} has a "
                    f"{type(target).__name__} for the room {shortened(room)}; set it to a string."
                )
                raise ImproperlyConfigured(message)

    @property
    def limits(self) -> Limits:
        return service_limits(self.service)

    @property
    def rooms(self) -> Mapping[str, str]:
        """What the service calls a room, by the room's id or name."""
        rooms: Mapping[Any, str] = self.options.get("rooms") or {}
        return {str(room): target for room, target in rooms.items()}

    def called(self, room: str) -> str:
        """Return what the service calls a room: what ``rooms`` has for it, else its own name."""
        return (of_room(self.rooms, room) or room).strip()

    @property
    def token(self) -> str:
        """The option ``token`` of a service that has one; empty without it."""
        return self.text_option("token")

    @property
    def api_url(self) -> str:
        """The address of the service's API, without a trailing slash."""
        return self.text_option("api_url", self.default_api_url).rstrip("/")

    def text_option(self, name: str, default: str = "") -> str:
        """Return an option that is a text, without blanks around it."""
        value: str | None = self.options.get(name)
        return default if value is None else value.strip()

    def ring_of(self, message: Message, document: Document) -> str:
        """Return what rings for a message; empty if nobody is to be rung."""
        if not message.notify:
            return ""
        if "all" in document.mentions:
            return self.ringing[0]
        return self.text_option("mention", self.ringing[1])

    @abstractmethod
    def check_options(self) -> list[CheckMessage]:
        """Return what is wrong with the service's own options, without repeating a secret."""

    def check(self) -> list[CheckMessage]:
        return [
            *self.check_options(),
            *check_libraries(self.alias),
            *check_certificates(self.alias, self.ca_bundle),
            *check_proxies(self),
        ]

    def require_settings(self) -> None:
        require_none(self.check_options())


class ServiceBackend(ServiceBase):
    """Posts each message to a service."""

    @abstractmethod
    def post_of(self, message: Message) -> Post:
        """Return the request for a message. Raise Undeliverable if there is no way for it."""

    @abstractmethod
    def read(self, answer: Answer, post: Post) -> Reading:
        """Return what an answer says in the service's own words."""

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        self.require_settings()
        try:
            post = self.post_of(message)
        except Undeliverable as error:
            return Result(Outcome.REJECTED, error=str(error))
        try:
            answer = self.post(
                post.url, timeout=timeout, headers=post.headers, body=post.body, data=post.data
            )
        except Unanswered as error:
            return unanswered(error, post.secrets)
        reading = self.read(answer, post)
        return result_of(
            answer,
            reading,
            post.secrets,
            service=self.service,
            address=post.address or self.address_name,
            login=post.login,
        )


def alias_of(backend: HttpBackendBase) -> str:
    """Return how error messages call a connection."""
    return backend.alias or "without a name"
