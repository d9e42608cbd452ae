"""What this machine has of what the tests can use: interpreters, services, tools."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import urllib.request
from pathlib import Path

import psycopg
import pymysql

LOOPBACK = "127.0.0.1"
SECONDS = 3


def search_path() -> str:
    """Return PATH with the interpreters of every pyenv version at its end."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    bins = sorted(str(folder) for folder in pyenv.glob("versions/*/bin"))
    return os.pathsep.join([*os.environ["PATH"].split(os.pathsep), *bins])


def find_python(version: str) -> str | None:
    """Return the path of an interpreter, say of 3.12, that runs; pyenv's shims may refuse to."""
    for folder in search_path().split(os.pathsep):
        candidate = Path(folder) / f"python{version}"
        if os.access(candidate, os.X_OK) and _says(str(candidate), "print('runs')") == "runs":
            return str(candidate)
    return None


def postgresql_trouble() -> str | None:
    """Return why the tests cannot use PostgreSQL; None: they can."""
    try:
        psycopg.connect(
            host=LOOPBACK,
            user=os.environ.get("PGUSER", "postgres"),
            password=os.environ.get("PGPASSWORD", ""),
            dbname="postgres",
            connect_timeout=SECONDS,
        ).close()
    except psycopg.Error as error:
        return f"no PostgreSQL on {LOOPBACK}:5432 ({_first_line(error)})"
    return None


def mariadb_trouble() -> str | None:
    """Return why the tests cannot use MariaDB; None: they can."""
    try:
        pymysql.connect(
            host=LOOPBACK,
            user="root",
            password=os.environ.get("MYSQL_PWD", ""),
            connect_timeout=SECONDS,
        ).close()
    except (pymysql.Error, RuntimeError) as error:
        return f"no MariaDB on {LOOPBACK}:3306 ({_first_line(error)})"
    return None


def mysqlclient_trouble(python: str) -> str | None:
    """Return why mysqlclient cannot be compiled for an interpreter; None: it can."""
    if not (shutil.which("cc") or shutil.which("gcc")) or not shutil.which("pkg-config"):
        return "mysqlclient needs a C compiler (apt-get install gcc pkg-config)"
    for library in ("libmariadb", "mariadb", "mysqlclient"):
        if subprocess.run(["pkg-config", "--exists", library], check=False).returncode == 0:
            break
    else:
        return "mysqlclient needs MariaDB's client library (apt-get install libmariadb-dev)"
    headers = _says(python, "import sysconfig; print(sysconfig.get_path('include'))")
    if headers is None or not Path(headers, "Python.h").exists():
        return f"mysqlclient needs the headers of {python} (apt-get install python3-dev)"
    return None


def redis_trouble() -> str | None:
    """Return why the tests cannot use Redis; None: they can."""
    try:
        with socket.create_connection((LOOPBACK, 6379), timeout=SECONDS) as connection:
            connection.sendall(b"PING\r\n")
            answer = connection.recv(100).decode(errors="replace").strip()
    except OSError as error:
        return f"no Redis on {LOOPBACK}:6379 ({_first_line(error)})"
    return None if answer == "+PONG" else f"Redis on {LOOPBACK}:6379 refuses ({answer})"


def rabbitmq_trouble() -> str | None:
    """Return why the tests cannot use RabbitMQ; None: they can."""
    try:
        with socket.create_connection((LOOPBACK, 5672), timeout=SECONDS) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            answer = connection.recv(100)
    except OSError as error:
        return f"no RabbitMQ on {LOOPBACK}:5672 ({_first_line(error)})"
    # AMQP 0-9-1, 2.2.4 and 2.3.5: a method frame on channel 0; another protocol header refuses.
    return None if answer[:3] == b"\x01\x00\x00" else f"no RabbitMQ answers on {LOOPBACK}:5672"


def synapse_trouble() -> str | None:
    """Return why the tests cannot use Synapse; None: they can."""
    url = os.environ.get("HIPCHAT_TEST_SYNAPSE", f"http://{LOOPBACK}:8008")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/_matrix/client/versions", timeout=SECONDS):
            return None
    except OSError as error:
        return f"no Synapse on {url} ({_first_line(error)}); scripts/synapse start FOLDER"


def servers_trouble() -> str | None:
    """Return which programs are missing that the fault suite starts and breaks; None: none."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
    versions = map(str, Path("/usr/lib/postgresql").glob("*/bin"))
    wanted = {
        "redis-server": path,
        "mariadbd": path,
        "mariadb-install-db": path,
        "initdb": os.pathsep.join([path, *versions]),
    }
    missing = [name for name, where in wanted.items() if not shutil.which(name, path=where)]
    if not missing:
        return None
    return (
        f"no {', '.join(missing)} to start (apt-get install redis-server postgresql mariadb-server)"
    )


def chromium_trouble() -> str | None:
    """Return why the tests cannot use Chromium; None: they can."""
    path = os.environ.get("HIPCHAT_CHROMIUM", "/usr/bin/chromium")
    if os.access(path, os.X_OK):
        return None
    return f"no {path} (apt-get install chromium)"


def wire_trouble() -> str | None:
    """Return why the recorded requests cannot be replayed; None: they can."""
    folder = os.environ.get("HIPCHAT_WIRE")
    if folder and Path(folder).is_dir():
        return None
    return "HIPCHAT_WIRE names no folder of recorded requests"


def _says(python: str, code: str) -> str | None:
    """Return what an interpreter prints; None if it does not run."""
    command = [python, "-c", code]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
