"""A program: serve the admin of the test that has started it, from the same rows, with a theme."""

from __future__ import annotations

import sys

import django
from django.conf import settings


def main(language: str) -> None:
    """Print the address, and serve in a language until the input ends."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.LANGUAGE_CODE = language
    django.setup()
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    server = LiveServerThread("localhost", StaticFilesHandler)
    server.start()
    server.is_ready.wait()
    sys.stdout.write(f"http://localhost:{server.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.terminate()


main(sys.argv[1])
