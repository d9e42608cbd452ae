"""The example site, run as a user runs it, and a visitor of its page."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.hipchat_server import HipChatServer

EXAMPLE_SITE = Path(__file__).resolve().parents[2] / "example_site"
STOP_SECONDS = 10
ANSWER_SECONDS = 20


@dataclass(frozen=True)
class Page:
    """What the site answered."""

    status: int
    text: str

    @property
    def notices(self) -> list[tuple[str, str]]:
        """Kind and words of each notice at the top."""
        found = re.findall(r'<p class="notice (\w+)" role="\w+">(.*?)</p>', self.text)
        return [(kind, html.unescape(words)) for kind, words in found]

    @property
    def errors(self) -> dict[str, str]:
        """The errors by field."""
        pattern = r'<ul class="errorlist" id="id_(\w+)_error"><li>(.*?)</li></ul>'
        return {name: html.unescape(words) for name, words in re.findall(pattern, self.text)}

    @property
    def latest(self) -> str:
        """The newest message of the list, as source."""
        return self.text.partition('<li class="row')[2].partition("</li>")[0]


class Visitor:
    """A browser, reduced to what the page needs: cookies and the form."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str = "") -> Page:
        """Open a page."""
        answer = self.session.get(self.url + path, timeout=ANSWER_SECONDS)
        return Page(answer.status_code, answer.text)

    def send(self, **fields: str) -> Page:
        """Fill the form in, send it, and return the page that is shown then."""
        self.get()
        content = {
            "room_id": "Ops",
            "message": "Hello",
            "message_format": "text",
            "color": "yellow",
            "csrfmiddlewaretoken": self.session.cookies["csrftoken"],
            **fields,
        }
        answer = self.session.post(self.url, data=content, timeout=ANSWER_SECONDS)
        return Page(answer.status_code, answer.text)


@contextmanager
def running_site(folder: Path, server: HipChatServer, token: str) -> Iterator[str]:
    """Run the example site with a database of its own and yield its address."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "example.settings",
        "EXAMPLE_DATABASE": str(folder / "site.sqlite3"),
        "HIPCHAT_API_URL": server.url,
        "HIPCHAT_API_TOKEN": token,
        "NO_PROXY": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
        "no_proxy": "127.0.0.1",
    }
    manage = [sys.executable, str(EXAMPLE_SITE / "manage.py")]
    subprocess.run([*manage, "migrate", "-v", "0"], check=True, env=environment, cwd=folder)
    errors = folder / "stderr.txt"
    with (
        errors.open("wb") as stderr,
        subprocess.Popen(
            [*manage, "runserver", "--noreload", "127.0.0.1:0"],
            env=environment,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        starting = next((line for line in process.stdout if " at http://" in line), "")
        assert starting, errors.read_text()
        try:
            yield starting.split()[-1]
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


@pytest.fixture(scope="session")
def site_url(
    tmp_path_factory: pytest.TempPathFactory, hipchat_server_process: HipChatServer
) -> Iterator[str]:
    """The address of the example site; it sends to the local HipChat server."""
    folder = tmp_path_factory.mktemp("site")
    with running_site(folder, hipchat_server_process, "TOK") as url:
        yield url


@pytest.fixture
def visitor(site_url: str, hipchat_server: HipChatServer) -> Visitor:
    """Somebody who has not been here before."""
    return Visitor(site_url)
