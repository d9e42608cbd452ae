"""Somebody who does what a page says, block by block."""

from __future__ import annotations

import doctest
import io
import logging.config
import re
import shlex
import sys
import unittest
from types import ModuleType
from typing import Any

from django.conf import global_settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.test import TestCase

from djhipchat2.conf import KNOWN
from tests.docs.markup import Block

#: Where examples live, so that others can name what they define.
MODULE = "mysite.chat"
#: Addresses on the pages that stand for the local HipChat server.
SERVERS = re.compile(r"https://hipchat\.example\.com|http://127\.0\.0\.1:8088")
OUR_COMMANDS = ("hipchat", "hipchat_explain", "hipchat_flush_outbox", "hipchat_purge_outbox")
#: What else a reader is told to type; it is not run.
OTHER_PROGRAMS = (
    "export ",
    "python -m pip install ",
    "make ",
    "sudo systemctl ",
    "celery -A mysite ",
)
#: Apps that stand beside the package in ``INSTALLED_APPS``.
COMPANIONS = {"django_celery_beat", "django_tasks", "django_tasks_db"}
#: Django's settings that not every release has.
NEWER_SETTINGS = {"TASKS"}
RUN = ("python", "pycon", "console")


class Reader:
    """A project in which the examples of one page are run, in order, in one namespace."""

    def __init__(self, settings: Any, server_url: str) -> None:
        self.settings = settings
        self.server_url = server_url
        self.module = ModuleType(MODULE)
        self.logging: list[dict[str, Any]] = []

    def do(self, block: Block) -> None:
        """Do what a block says. Raise AssertionError, or what it raises, if that does not work."""
        if block.language == "python" and "settings" in block.classes:
            self.set(block)
        elif block.language == "python":
            self.run(block)
        elif block.language == "pycon":
            self.type(block)
        elif block.language == "console":
            self.enter(block)
        elif block.language == "ini" or "cron" in block.classes:
            for line in block.text.splitlines():
                if "manage.py " in line:
                    parse(line)
        else:
            assert block.language == "text", f"{block.place} says no known language."

    def set(self, block: Block) -> None:
        """Put settings into effect for the rest of the page, and have them checked."""
        found: dict[str, Any] = {}
        text = SERVERS.sub(self.server_url, block.text)
        exec(compile(f"import os\n{text}", block.place, "exec"), found)
        given = {name: value for name, value in found.items() if name.isupper()}
        assert given, f"{block.place} sets nothing."
        for name, value in given.items():
            if name == "INSTALLED_APPS":
                apps = [app for app in value if app not in COMPANIONS]
                assert apps in (["djhipchat2"], ["djhipchat"]), block.place
            elif name == "LOGGING":
                self.logging.append(value)
                logging.config.dictConfig(value)
            elif name.startswith("HIPCHAT_"):
                assert name in KNOWN, f"{block.place}: {name} is no setting."
                setattr(self.settings, name, value)
            elif name not in NEWER_SETTINGS:
                assert hasattr(global_settings, name), f"{block.place}: {name} is not Django's."
        complaints = [m for m in run_checks() if str(m.id).startswith("djhipchat2.")]
        assert complaints == [], f"{block.place}: {complaints}"

    def run(self, block: Block) -> None:
        """Run Python, and the test cases that it defines."""
        names = self.module.__dict__
        before = dict(names)
        exec(compile(block.text, block.place, "exec"), names)
        for value in list(names.values()):
            if is_test_case(value) and value not in before.values():
                result = unittest.TestResult()
                unittest.defaultTestLoader.loadTestsFromTestCase(value).run(result)
                assert result.testsRun > 0, f"{block.place} has no tests."
                assert result.wasSuccessful(), result.failures + result.errors

    def type(self, block: Block) -> None:
        """Type what stands after the prompts of a Python shell, and compare the answers."""
        examples = doctest.DocTestParser().get_doctest(
            f"{block.text}\n", self.module.__dict__, block.place, block.place, 0
        )
        answers: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
        tried = runner.run(examples, out=answers.append, clear_globs=False)
        self.module.__dict__.update(examples.globs)
        assert tried.attempted > 0, f"{block.place} has no prompt."
        assert tried.failed == 0, "".join(answers)

    def enter(self, block: Block) -> None:
        """Enter what stands after the prompts of a shell: our commands; others are parsed."""
        assert block.text.startswith("$ "), f"{block.place} has no prompt."
        for entry in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            line, _, shown = entry.partition("\n")
            if "manage.py " not in line:
                assert line.startswith(OTHER_PROGRAMS), f"{block.place}: {line}"
                continue
            name, arguments = parse(line)
            if name in OUR_COMMANDS and "--watch" not in arguments:
                printed = run_command(name, arguments)
                if shown:
                    assert numbered(printed.strip()) == numbered(shown.strip()), block.place

    def leave(self) -> None:
        """Take away the handlers that the page has set up."""
        for configuration in self.logging:
            for name in configuration["loggers"]:
                logger = logging.getLogger(name)
                logger.handlers.clear()
                logger.setLevel(logging.NOTSET)
                logger.propagate = True


def is_test_case(value: Any) -> bool:
    """Is it a class of tests that an example has written?"""
    return isinstance(value, type) and issubclass(value, TestCase) and value is not TestCase


def parse(line: str) -> tuple[str, list[str]]:
    """Return a command and its arguments. Raise CommandError or KeyError if there is no such."""
    typed = line.partition("manage.py ")[2].partition(" > ")[0]
    name, *arguments = shlex.split(typed)
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)
    return name, arguments


def run_command(name: str, arguments: list[str]) -> str:
    """Run a command as from a shell and return what it prints."""
    printed = io.StringIO()
    standard_input, sys.stdin = sys.stdin, io.StringIO("from a pipe\n")
    try:
        call_command(name, *arguments, stdout=printed, stderr=printed)
    except CommandError as error:
        printed.write(f"CommandError: {error}\n")
    finally:
        sys.stdin = standard_input
    return printed.getvalue()


def numbered(text: str) -> str:
    """Return a text without the numbers of messages, which no page can know."""
    return re.sub(r"Message \d+", "Message N", text)
