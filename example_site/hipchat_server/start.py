"""The command line: prepare the database, say where the server is, serve until stopped."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

SETTINGS = "hipchat_server.settings"
LONGEST_STORING = 5
LARGEST_PORT = 65_535


def run(arguments: Sequence[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="hipchat-server-") as folder:
        _configure(options, options.database or Path(folder) / "messages.sqlite3")
        _serve(options.host, options.port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="A local HipChat server: speaks API v1 and v2, shows messages on a wall, and "
        "plays faults. It has no login; keep it on loopback.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=8088, help="0: any free one (default: %(default)s)")
    add(
        "--tokens",
        type=_words,
        required=True,
        metavar="TOKEN,...",
        help="API tokens that are taken; they stay in memory",
    )
    add(
        "--rooms", type=_words, default=(), metavar="ROOM,...", help="the only rooms (default: any)"
    )
    add(
        "--limits",
        choices=("hipchat", "far", "off"),
        default="hipchat",
        help="enforce HipChat's rate limits, a million each, or none (default: %(default)s)",
    )
    add(
        "--database",
        type=Path,
        metavar="PATH",
        help="SQLite file that keeps what was received (default: a temporary one)",
    )
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST_PORT):
        message = f"{text!r} is no port; give a number from 0 to {LARGEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        message = f"{text!r} holds none; give one or more, separated by commas"
        raise argparse.ArgumentTypeError(message)
    return words


def _configure(options: argparse.Namespace, database: Path) -> None:
    """Fill in the settings, and bring the database up to date."""
    from . import settings  # noqa: PLC0415 - read after the options, before Django

    settings.DATABASES["default"]["NAME"] = str(database.resolve())
    settings.HIPCHAT_TOKENS = options.tokens
    settings.HIPCHAT_ROOMS = options.rooms
    settings.HIPCHAT_LIMITS = options.limits
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _serve(host: str, port: int) -> None:
    from .http_server import Server  # noqa: PLC0415 - these need Django's settings
    from .state import state  # noqa: PLC0415

    state().create_rooms()
    try:
        server = Server(host, port)
    except OSError as error:
        sys.exit(
            f"The HipChat server cannot listen on port {port} of {host}: {error.strerror}. "
            "Choose another port: make hipchat-server PORT=… (--port …; 0 is any free one)."
        )
    with server:
        server.set_app(get_wsgi_application())
        print(f"HipChat server on {server.url}")
        print("Its pages show what arrives, and play faults. Ctrl-C stops it.", flush=True)
        try:
            server.serve_forever()
        finally:
            state().end_waits()
            # What is being stored is stored; nothing more is begun.
            state().lock.acquire(timeout=LONGEST_STORING)
            state().write_log()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)
