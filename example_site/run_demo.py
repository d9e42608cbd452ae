"""Run djhipchat2 on this machine: send messages through every door, then serve the sites."""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from demo_run.errors import DemoError, FolderError
from demo_run.matrix import Matrix
from demo_run.printing import heading, say
from demo_run.processes import Children, Interrupts, fetch
from demo_run.servers import HERE, ROOM, SITE_PORT, Chat, HipChat, Site

INTERRUPTED = 130
ANOTHER_FOLDER = "name another one: make demo FOLDER=… (run_demo.py --folder …)."
#: What a run leaves in its folder, and the next one removes.
REMAINS = ("site.sqlite3*", "hipchat.sqlite3*", "*.log")
CHATS: dict[str, type[HipChat] | type[Matrix]] = {"hipchat": HipChat, "matrix": Matrix}


def main() -> int:
    """Run the demo and return the exit code: 0 if every message arrived and its row says so."""
    options = parser().parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    interrupts = Interrupts()
    try:
        with fresh_folder(options.folder) as folder, Children(folder, interrupts) as children:
            return run(
                options.chat,
                folder,
                children,
                once=options.once,
                wrong_token=options.wrong_token,
            )
    except FolderError as error:
        print(f"The demo failed. {error}", file=sys.stderr)
        return 1
    except DemoError as error:
        print(f"\nThe demo failed. {error}\nLogs are in {options.folder}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.")
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument(
        "--chat",
        choices=CHATS,
        default="hipchat",
        help="where to send: the local HipChat server, or Synapse, a server of Matrix",
    )
    made.add_argument(
        "--folder",
        type=Path,
        default=HERE.parent / "demo",
        help="for databases and logs; those of the last run are removed (default: %(default)s)",
    )
    made.add_argument(
        "--once",
        action="store_true",
        help="do not go on serving; exit with 0 if every message arrived and its row says so",
    )
    made.add_argument(
        "--wrong-token",
        action="store_true",
        help="have the server refuse the site's token, to see how that is reported",
    )
    return made


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """Yield the folder without what the last run left. Raise FolderError if it is of no use."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "demo.lock").open("w")
    except OSError as error:
        message = f"The folder {folder} cannot be used: {error.strerror}; {ANOTHER_FOLDER}"
        raise FolderError(message) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"A demo is running in the folder {folder}. Stop it, or {ANOTHER_FOLDER}"
            raise FolderError(message) from None
        for pattern in REMAINS:
            for path in folder.glob(pattern):
                path.unlink()
        yield folder.resolve()


def run(name: str, folder: Path, children: Children, *, once: bool, wrong_token: bool) -> int:
    """Send through every door, report, start the site and serve it; return the exit code."""
    heading("Start")
    chat: Chat = CHATS[name].start(children, folder)
    for line in chat.introduction():
        say(line)
    site = Site(folder, chat, wrong_token=wrong_token)
    os.environ.update(site.environment)
    django.setup()
    from demo_run.story import prepare, tell  # noqa: PLC0415 - these need Django's settings

    password = prepare()
    say(f"Example site migrated, database {folder / 'site.sqlite3'}")
    say(f"Admin user: admin, password: {password}")

    found = tell(site, chat)

    heading("Example site")
    address = site.start(children)
    say_if_elsewhere(address, SITE_PORT)
    if b"<form" not in fetch(address):
        found.append(f"The page at {address} has no form.")
    for problem in found:
        say(f"PROBLEM: {problem}")
    if once:
        say(f"The page with the send form answers at {address}")
    else:
        say_addresses(site, address, password)
        serve(children)
    return 1 if found else 0


def say_if_elsewhere(address: str, port: int) -> None:
    """Say so if a server has not got its usual port."""
    if not address.endswith(f":{port}/"):
        say(f"Port {port} is taken; another one is used.")


def say_addresses(site: Site, address: str, password: str) -> None:
    """Say where to look."""
    say(f"Send form   {address}")
    say(f"Admin       {address}admin/ (admin, {password})")
    for place in site.chat.places():
        say(place)
    say("")
    say("Send from another shell:")
    say(site.by_hand("hipchat", ROOM, "Hello"))


def serve(children: Children) -> None:
    """Serve until interrupted."""
    print("\nServing; Ctrl-C stops it.")
    try:
        children.serve()
    except KeyboardInterrupt:
        print("\nStopped.")


if __name__ == "__main__":
    sys.exit(main())
