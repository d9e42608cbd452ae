"""Debian's Chromium, driven by Playwright, in front of an outbox on a bad night."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.browser import sample

CHROMIUM = os.environ.get("HIPCHAT_CHROMIUM", "/usr/bin/chromium")
#: Milliseconds that something may take to appear.
PATIENCE = 15_000

#: What an attack would do, and what a page has loaded from elsewhere or against its policy.
WATCH = """
window.pwned = () => { window.isPwned = true; };
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""

OpenBrowser = Callable[..., Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder: they need a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps a loop in this thread, in which Django would refuse to work.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def outbox(transactional_db: None) -> None:
    """The outbox that the pages show."""
    sample.fill()


@pytest.fixture
def open_browser(chromium: Any, transactional_db: None, live_server: Any) -> Iterator[OpenBrowser]:
    """Return a page of a browser in which somebody who may do everything has logged in."""
    client = Client()
    client.force_login(User.objects.create_superuser("anna"))
    session = client.cookies["sessionid"].value
    contexts = []

    def make(**options: Any) -> Any:
        settings = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
        context = chromium.new_context(**{**settings, **options})
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        context.set_default_timeout(PATIENCE)
        if options.get("java_script_enabled", True):
            context.add_init_script(WATCH)
        page = context.new_page()
        page.hosts = set()
        page.on("request", lambda request: page.hosts.add(request.url.split("/")[2]))
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_browser: OpenBrowser) -> Any:
    """The same page, with nothing special about it."""
    return open_browser()
