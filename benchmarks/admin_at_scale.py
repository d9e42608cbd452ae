"""
Measure the admin's pages with a large outbox: median time and number of queries of each.

    python benchmarks/admin_at_scale.py --database postgresql
    python benchmarks/admin_at_scale.py --database sqlite --messages 100000 --attempts 500000
    python benchmarks/admin_at_scale.py --table sqlite.json postgresql.json

The outbox is written first. It stays for a next run (--keep), or goes at the end. PostgreSQL is
expected on 127.0.0.1:5432. What was measured is saved with --save FILE; --table prints such files
as a table for the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NAME = "hipchat_admin_at_scale"
MESSAGES, ROOMS = "/admin/djhipchat2/outboundmessage/", "/admin/djhipchat2/room/"


def start_django(database: str, folder: str) -> None:
    """Start Django on a database of this script's own."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["HIPCHAT_TEST_DATABASE"] = database
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = (
        f"{folder}/{NAME}.sqlite3" if database == "sqlite" else NAME
    )
    settings.ALLOWED_HOSTS = ["*"]
    django.setup()


@contextmanager
def database_of_its_own(database: str, *, keep: bool) -> Iterator[None]:
    """Make the database, and remove it in the end."""
    if database == "postgresql":
        _maintain(f"DROP DATABASE IF EXISTS {NAME}" if not keep else "SELECT 1")
        exists = _maintain(f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'")
        if not exists:
            _maintain(f"CREATE DATABASE {NAME}")
    try:
        yield
    finally:
        from django.db import connection

        connection.close()
        if database == "postgresql" and not keep:
            _maintain(f"DROP DATABASE {NAME}")


def _maintain(statement: str) -> Any:
    import psycopg

    user = os.environ.get("PGUSER", "postgres")
    with psycopg.connect(host="127.0.0.1", user=user, dbname="postgres", autocommit=True) as link:
        cursor = link.execute(statement)
        return cursor.fetchone() if cursor.description else None


Get = Callable[[], Any]


def pages(client: Any, messages: int) -> dict[str, Get]:
    """Return what opens each page."""
    from django.utils import timezone

    from djhipchat2.models import OutboundMessage, Room

    middle = messages // 2
    failed = OutboundMessage.objects.filter(status="failed").latest("pk").pk
    busy = Room.objects.get(room_id="room-0").pk
    day = timezone.now() - timedelta(days=15)
    week = {"written_from": f"{day:%Y-%m-%dT%H:%M}", "written_to": f"{day:%Y-%m-%dT23:59}"}

    def at(address: str, **query: Any) -> Get:
        return lambda: client.get(address, query)

    def ask() -> Any:
        data = {"action": "resend_messages", "_selected_action": [1], "select_across": "1"}
        return client.post(f"{MESSAGES}?status__exact=failed", data)

    def export() -> Any:
        response = client.post(f"{MESSAGES}export/?status__exact=failed", {"format": "csv"})
        stream = iter(response.streaming_content)
        for _ in range(100):
            next(stream)
        return response

    return {
        "messages": at(MESSAGES),
        "messages, in the middle": at(MESSAGES, p=f"-{middle}"),
        "messages, the last page": at(MESSAGES, p="~0"),
        "needs attention": at(MESSAGES, attention="yes"),
        **{
            f"status {status}": at(MESSAGES, status__exact=status)
            for status in ("queued", "sending", "sent", "failed", "expired", "cancelled")
        },
        "status failed, in the middle": at(MESSAGES, status__exact="failed", p=f"-{middle}"),
        "room, busy": at(MESSAGES, room_id="room-0", connection="default"),
        "room, quiet": at(MESSAGES, room_id="room-7"),
        "connection, usual": at(MESSAGES, connection="default"),
        "connection, rare": at(MESSAGES, connection="rare"),
        "colour, usual": at(MESSAGES, color__exact="yellow"),
        "colour, rare": at(MESSAGES, color__exact="purple"),
        "colour and status": at(MESSAGES, color__exact="red", status__exact="failed"),
        "past hour": at(MESSAGES, written="hour"),
        "today": at(MESSAGES, written="today"),
        "a day two weeks ago": at(MESSAGES, **week),
        "a day two weeks ago, failed": at(MESSAGES, status__exact="failed", **week),
        "search by number": at(MESSAGES, q=f"#{middle}"),
        "search, found soon": at(MESSAGES, q="build"),
        "search by error": at(MESSAGES, q="no room", status__exact="failed"),
        "search by an old error": at(MESSAGES, q=f"case {1019}", status__exact="failed"),
        "search in vain": at(MESSAGES, q="nowhere to be found"),
        "a message": at(f"{MESSAGES}{failed}/change/"),
        "a message's frame": at(f"{MESSAGES}{failed}/frame/"),
        "resend, asked": at(f"{MESSAGES}{failed}/resend/"),
        "resend 1,000, asked": ask,
        "export, first lines": export,
        "compose": at(f"{MESSAGES}compose/"),
        "rooms": at(ROOMS),
        "rooms, in the middle": at(ROOMS, p=f"-{busy + 2500}"),
        "rooms on hold": at(ROOMS, held="yes"),
        "rooms, searched": at(ROOMS, q="room-49"),
        "a room": at(f"{ROOMS}{busy}/change/"),
        "pause, asked": at(f"{ROOMS}{busy}/pause/"),
        "transcript": at(f"{ROOMS}{busy}/transcript/"),
        "transcript, in the middle": at(f"{ROOMS}{busy}/transcript/", p=f"-{middle}"),
        "transcript, what is new": at(f"{ROOMS}{busy}/transcript/", since=messages - 500),
        "names suggested": at(f"{ROOMS}names/", q="room-4"),
    }


def measure(messages: int, calls: int) -> Iterator[tuple[str, float, int]]:
    """Yield each page with the median of its time, in milliseconds, and its queries."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(User.objects.get_or_create(username="anna", defaults=ALL_RIGHTS)[0])
    for name, get in pages(client, messages).items():
        with CaptureQueriesContext(connection) as captured:
            response = get()
        queries = len(captured)
        assert response.status_code == 200, (name, response.status_code)
        times = []
        for _ in range(calls):
            started = time.perf_counter()
            get()
            times.append((time.perf_counter() - started) * 1000)
        yield name, statistics.median(times), queries


ALL_RIGHTS = {"is_staff": True, "is_superuser": True}


def print_table(files: list[str]) -> None:
    """Print what was measured, each database with two columns."""
    measured = [json.loads(Path(file).read_text(encoding="utf-8")) for file in files]
    print(".. list-table::\n    :header-rows: 1\n")
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    heads = [f"{names[m['database']]}, {word}" for m in measured for word in ("ms", "queries")]
    print_row(["Page", *heads])
    for name in measured[0]["pages"]:
        pairs = [found["pages"][name] for found in measured]
        print_row([name, *(str(number) for pair in pairs for number in pair)])


def print_row(cells: list[str]) -> None:
    """Print a row of a table in reStructuredText."""
    for number, cell in enumerate(cells):
        print(f"    {' ' if number else '*'} - {cell}")


def run(options: argparse.Namespace) -> None:
    """Fill, measure, print and save."""
    from benchmarks.admin_outbox import fill
    from djhipchat2.models import OutboundMessage

    try:
        is_full = OutboundMessage.objects.exists()
    except Exception:  # noqa: BLE001 - no table yet
        is_full = False
    if not is_full:
        started = time.perf_counter()
        sizes = {name: getattr(options, name) for name in ("messages", "attempts", "rooms")}
        fill(options.database, **sizes)
        print(f"filled in {time.perf_counter() - started:.0f} s")
    print(f"{'page':32}{'median ms':>10}{'queries':>9}")
    pages: dict[str, tuple[int, int]] = {}
    for name, milliseconds, queries in measure(options.messages, options.calls):
        pages[name] = round(milliseconds), queries
        print(f"{name:32}{milliseconds:>10.0f}{queries:>9}", flush=True)
    if options.save:
        content = {"database": options.database, "pages": pages}
        Path(options.save).write_text(json.dumps(content, indent=1), encoding="utf-8")


def main() -> None:
    """Measure, or print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="sqlite")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--attempts", type=int, default=5_000_000)
    parser.add_argument("--rooms", type=int, default=5_000)
    parser.add_argument("--calls", type=int, default=7, help="of which the median is taken")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where SQLite's file goes")
    parser.add_argument("--keep", action="store_true", help="use the outbox of the last run")
    parser.add_argument("--save", metavar="FILE", help="where what was measured goes")
    parser.add_argument("--table", nargs="+", metavar="FILE", help="print what was measured")
    options = parser.parse_args()
    if options.table:
        print_table(options.table)
        return
    file = Path(options.folder) / f"{NAME}.sqlite3"
    if not options.keep:
        file.unlink(missing_ok=True)
    start_django(options.database, options.folder)
    with database_of_its_own(options.database, keep=options.keep):
        run(options)
    if not options.keep:
        file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
