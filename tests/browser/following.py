"""From one page to the next."""

from __future__ import annotations

from typing import Any


def follow(page: Any, link: Any, *, until: str = "load") -> None:
    """
    Click what leads to another page, and wait until that has come.

    A click alone returns when the address is another one. What is read then may be half of a page,
    and scripts do not listen yet.
    """
    with page.expect_navigation(wait_until=until):
        link.click()
