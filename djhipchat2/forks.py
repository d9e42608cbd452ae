"""What must not be inherited by a forked process: threads' work and open sockets."""

from __future__ import annotations

import os
from collections.abc import Callable


def after_fork(forget: Callable[[], None]) -> None:
    """Have ``forget()`` called in every child that this process forks; never where none can be."""
    register = getattr(os, "register_at_fork", lambda **_: None)  # Windows has none
    register(after_in_child=forget)
