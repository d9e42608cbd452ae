"""Reading a page with docutils: its blocks of code, and what it documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives, roles

WARNING = 2
#: Sphinx's directives that the pages use, with content that is read like the rest of the page.
SECTIONS = ("confval", "option", "program", "py:class", "py:data", "toctree")
GENERATED = ("autoclass", "autoexception", "autofunction")
ROLES = ("confval", "doc", "option", "proof", "ref")


@dataclass(frozen=True)
class Block:
    """A block of code on a page."""

    page: str
    line: int
    language: str
    text: str
    classes: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """Page and line, as error messages show them."""
        return f"{self.page}.rst:{self.line}"


class _Code(Directive):
    """Keeps what docutils' own directive replaces by colours."""

    has_content = True
    optional_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        text = "\n".join(self.content)
        block = nodes.literal_block(text, text, classes=self.options.get("class", []))
        block["language"] = self.arguments[0] if self.arguments else ""
        block["line"] = self.content_offset + 1
        return [block]


class _Section(Directive):
    """Stands in for a directive of Sphinx."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("caption", "default", "hidden", "members", "type"), directives.unchanged
    )

    def run(self) -> list[nodes.Node]:
        section = nodes.container()
        section["directive"] = self.name
        section["argument"] = " ".join(self.arguments)
        section["values"] = self.options
        if self.name not in GENERATED:
            self.state.nested_parse(self.content, self.content_offset, section)
        return [section]


def _role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, *_: Any
) -> tuple[list[nodes.Node], list[nodes.Node]]:
    return [nodes.inline(rawtext, text, role=name)], []


directives.register_directive("code-block", _Code)
for _name in (*SECTIONS, *GENERATED):
    directives.register_directive(_name, _Section)
for _name in ROLES:
    roles.register_local_role(_name, _role)


@dataclass(frozen=True)
class Page:
    """A page that was read."""

    name: str
    tree: nodes.document

    def blocks(self, inside: nodes.Element | None = None) -> list[Block]:
        """Return the blocks of code, in order."""
        return [
            Block(
                self.name,
                node.get("line", 0),
                node.get("language", ""),
                node.astext(),
                frozenset(node["classes"]),
            )
            for node in (inside or self.tree).findall(_is_block)
        ]

    def sections(self, *names: str) -> Iterator[nodes.container]:
        """Yield what stands under directives of Sphinx, in order."""
        for node in self.tree.findall(nodes.container):
            if node.get("directive") in names:
                yield node

    def options(self) -> dict[str, set[str]]:
        """Return the documented options of each program: ``-n, --notify`` are two."""
        found: dict[str, set[str]] = {}
        program = ""
        for node in self.sections("program", "option"):
            if node["directive"] == "program":
                program = node["argument"]
                found[program] = set()
            else:
                found[program] |= {part.split()[0] for part in node["argument"].split(", ")}
        return found

    def role(self, name: str) -> list[str]:
        """Return the texts that stand in a role."""
        return [
            node.astext() for node in self.tree.findall(nodes.inline) if node.get("role") == name
        ]

    def literals(self, inside: nodes.Element | None = None) -> list[str]:
        """Return what stands in double backquotes."""
        return [node.astext() for node in (inside or self.tree).findall(nodes.literal)]

    def titles(self) -> list[str]:
        """Return the headings."""
        return [node.astext() for node in self.tree.findall(nodes.title)]

    def links(self) -> list[str]:
        """Return the addresses of links."""
        return [node["refuri"] for node in self.tree.findall(nodes.reference) if "refuri" in node]

    def rows(self, title: str = "") -> list[list[nodes.entry]]:
        """Return the rows of all tables, without headers; of those below a heading, if given."""
        within: Any = self.tree
        if title:
            (within,) = (s for s in self.tree.findall(nodes.section) if s[0].astext() == title)
        return [
            list(row.findall(nodes.entry))
            for body in within.findall(nodes.tbody)
            for row in body.findall(nodes.row)
        ]


def _is_block(node: nodes.Node) -> bool:
    return isinstance(node, nodes.literal_block | nodes.doctest_block)


@cache
def read(path: Path) -> Page:
    """Return a page. Raise SystemMessage if docutils warns of anything."""
    overrides = {"halt_level": WARNING, "report_level": 5, "_disable_config": True}
    tree = publish_doctree(
        path.read_text(encoding="utf-8"), str(path), settings_overrides=overrides
    )
    return Page(path.stem, tree)
