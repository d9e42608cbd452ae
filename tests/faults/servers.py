"""
Servers of the suite's own, on free ports of this machine: started, broken off and started again.

The programs are those of Debian's packages redis-server, postgresql and mariadb-server. Nothing
that another test uses is touched.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from redis import Redis as Client

from tests.waiting import pause, wait_until

HOST = "127.0.0.1"
START_SECONDS = 60
#: Debian keeps programs for administrators out of most users' paths.
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def program(name: str, *folders: Path) -> str:
    """Return the path of a program. Raise FileNotFoundError if it is not installed."""
    path = os.pathsep.join([*map(str, folders), PATH])
    found = shutil.which(name, path=path)
    if found is None:
        message = f"There is no {name} here: apt-get install redis-server postgresql mariadb-server"
        raise FileNotFoundError(message)
    return found


class Server(ABC):
    """A server with data of its own, which survive its end."""

    user: ClassVar[str] = ""
    """Who runs it where this process is root, which some servers refuse to be."""
    breaking_off: ClassVar[signal.Signals] = signal.SIGKILL

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="hipchat-server-"))
        self._process: subprocess.Popen[bytes] | None = None
        if self._other_user:
            shutil.chown(self.folder, self.user, self.user)

    def create(self) -> None:  # noqa: B027 - some start with nothing
        """Make the data that the server starts with."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line that serves, in the foreground."""

    def start(self) -> None:
        """Start the server, with empty data the first time, and return when it listens."""
        if not (self.folder / "data").exists():
            self.create()
        self._process = self._popen(self.command())
        wait_until(self._listens, seconds=START_SECONDS)

    def break_off(self) -> None:
        """End the server as a crash would."""
        self._end(self.breaking_off)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Break the server off, and start it again after the block."""
        self.break_off()
        yield
        self.start()

    def outage(self, seconds: float) -> None:
        """Break the server off, and start it again after a while."""
        with self.away():
            pause(seconds)

    def stop(self) -> None:
        """End the server, if it runs, and delete its data."""
        self._end(signal.SIGKILL)
        shutil.rmtree(self.folder)

    def run(self, command: list[str]) -> None:
        """Run a command as the server's user and wait for it."""
        process = self._popen(command)
        try:
            status = process.wait(START_SECONDS)
        except BaseException:  # also a Ctrl-C: nothing is left behind
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        assert status == 0, self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def _other_user(self) -> dict[str, Any]:
        if not self.user or os.geteuid() != 0:
            return {}
        return {"user": self.user, "group": self.user, "extra_groups": []}

    def _popen(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, "TMPDIR": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._other_user,
            )

    def _listens(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex((HOST, self.port)) == 0

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait()
        self._process = None


class Redis(Server):
    """A Redis that keeps nothing on disk: what breaks it off empties it."""

    @property
    def url(self) -> str:
        """The address for Celery."""
        return f"redis://{HOST}:{self.port}/0"

    def command(self) -> list[str]:
        name = program("redis-server")
        return [name, "--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no"]

    def forget(self) -> None:
        """Delete all that it holds."""
        with Client(HOST, self.port) as client:
            client.flushall()


class PostgreSQL(Server):
    """A PostgreSQL that a crash takes no commit from."""

    user = "postgres"
    # Killed outright it would leave its own child processes behind.
    breaking_off = signal.SIGQUIT

    @property
    def database(self) -> dict[str, Any]:
        """The entry for Django's DATABASES."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": HOST,
            "PORT": self.port,
            "USER": "postgres",
            "NAME": "postgres",
        }

    def create(self) -> None:
        data = str(self.folder / "data")
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"]
        self.run([self._program("initdb"), *options, f"--pgdata={data}"])

    def command(self) -> list[str]:
        options = [f"listen_addresses={HOST}", "unix_socket_directories=", "fsync=off"]
        switches = [word for option in options for word in ("-c", option)]
        data = str(self.folder / "data")
        return [self._program("postgres"), "-D", data, "-p", str(self.port), *switches]

    def stop(self) -> None:
        self._end(self.breaking_off)
        super().stop()

    @staticmethod
    def _program(name: str) -> str:
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        return program(name, *versions)


class MariaDB(Server):
    """A MariaDB that a crash takes no commit from."""

    user = "mysql"

    @property
    def database(self) -> dict[str, Any]:
        """The entry for Django's DATABASES."""
        return {
            "ENGINE": "django.db.backends.mysql",
            "HOST": HOST,
            "PORT": self.port,
            "USER": "root",
            "NAME": "hipchat",
            "OPTIONS": {"charset": "utf8mb4"},
        }

    def create(self) -> None:
        options = ["--skip-test-db", "--auth-root-authentication-method=normal"]
        install = program("mariadb-install-db")
        self.run([install, "--no-defaults", f"--datadir={self.folder / 'data'}", *options])
        first = self.folder / "first.sql"
        first.write_text("CREATE DATABASE IF NOT EXISTS hipchat CHARACTER SET utf8mb4;\n")
        first.chmod(0o644)

    def command(self) -> list[str]:
        return [
            program("mariadbd"),
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            f"--bind-address={HOST}",
            f"--port={self.port}",
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--init-file={self.folder / 'first.sql'}",
            # Each commit reaches the operating system, which outlives the server.
            "--innodb-flush-log-at-trx-commit=2",
        ]
