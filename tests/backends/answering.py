"""A documented answer of a chat service, and what it has to come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from djhipchat2.backends.base import Result
from djhipchat2.states import Scope


@dataclass(frozen=True)
class Case:
    """What a service answers, and the result that follows."""

    status: str
    content: Any
    outcome: str
    error: str
    retry_after: float | None = None
    rate_limited: bool = False
    scope: Scope = Scope.ROOM

    def __str__(self) -> str:
        return f"{self.status} {self.error or self.outcome}"

    def require(self, result: Result) -> None:
        """Raise AssertionError unless the result is the one."""
        shown = f"HTTP {self.status[:3]}: {self.error}" if self.error else ""
        assert (str(result.outcome), result.error) == (self.outcome, shown)
        assert (result.retry_after, result.rate_limited, result.scope) == (
            self.retry_after,
            self.rate_limited,
            self.scope,
        )
        assert result.http_status == int(self.status[:3])
