"""
Make the pictures of the admin for the documentation anew.

    python scripts/make_screenshots.py [FOLDER]

It needs the dependency groups `test` and `browser`, and Debian's chromium.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "_static" / "screenshots"
CHROMIUM = os.environ.get("HIPCHAT_CHROMIUM", "/usr/bin/chromium")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "light",
        "has_touch": True,
        "is_mobile": True,
    },
}


def start_django(folder: str) -> None:
    """Start Django with an outbox of its own."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["HIPCHAT_TEST_DATABASE"] = "sqlite"
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.DATABASES["default"]["NAME"] = f"{folder}/outbox.sqlite3"
    settings.ALLOWED_HOSTS = ["*"]
    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def serving() -> Iterator[str]:
    """Serve the admin; yield its address."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.terminate()


def session_of_a_superuser() -> str:
    """Return the session key of a user who may do everything."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_superuser("anna"))
    return str(client.cookies["sessionid"].value)


def take(folder: Path, address: str, session: str) -> None:
    """Take the pictures of each page in each look."""
    from playwright.sync_api import sync_playwright

    from tests.browser.tour import pages

    cookie = {"name": "sessionid", "value": session, "url": address}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for look, options in LOOKS.items():
            context = browser.new_context(**options, reduced_motion="reduce")
            context.add_cookies([cookie])
            page = context.new_page()
            for name, open_page in pages(address).items():
                open_page(page)
                page.screenshot(path=folder / f"{name}-{look}.png")
            context.close()
        browser.close()


def main(folder: Path) -> None:
    """Take all pictures."""
    os.environ.setdefault(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # Playwright keeps a loop in this thread
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        start_django(scratch)
        from tests.browser import sample

        sample.fill()
        session = session_of_a_superuser()
        with serving() as address:
            take(folder, address, session)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
