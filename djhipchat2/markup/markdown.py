"""
Markdown, for services that read it much as CommonMark says: Mattermost's, with tables and pictures.

The others (Discord, Zulip, Adaptive Cards) stand on this one and override what they read
differently.
"""

from __future__ import annotations

import re

from .delimited import DelimitedWriter, may_be_letter
from .document import Block, Inline, Listing, Style, Table
from .html_writing import NO_BREAK_SPACE, spaced
from .invisible import GAP
from .urls import in_brackets, parts_of
from .writing import is_label_of

#: An entity and the name of an emoji would be read as such; the other signs are markup anywhere.
_SIGNS = re.compile(r"[\\`*_\[\]<>&~|]|:(?=[\w+-]+:)|@(?=\[)|!(?=\[|$)")
#: Markup at the beginning of a line: headings, lists, rules.
_LINE_START = re.compile(r"^(\s*)(#|[-+=](?=[\s=-]|$)|\d{1,9}(?=[.)](?:\s|$)))")
_BACKTICKS = re.compile(r"`+")


class MarkdownWriter(DelimitedWriter):
    """Writes CommonMark with the tables and the strikethrough of GitHub's."""

    inner_edge = "x"
    delimiters = {Style.BOLD: "**", Style.ITALIC: "*", Style.STRIKE: "~~"}

    def around(self, sign: str, core: str, before: str, after: str) -> str:
        # CommonMark's "flanking": between a letter and a punctuation mark a sign is only a sign.
        opening = GAP if may_be_letter(before[-1:]) and not core[0].isalnum() else ""
        closing = GAP if may_be_letter(after[:1]) and not core[-1].isalnum() else ""
        return f"{sign}{opening}{core}{closing}{sign}"

    def text(self, text: str) -> str:
        parts = parts_of(spaced(text))
        return "".join(
            self.address(part) if is_url else self.escaped(part) for part, is_url in parts
        )

    def escaped(self, text: str) -> str:
        """Return characters that are shown as they are."""
        return _SIGNS.sub(lambda found: f"\\{found[0]}", text)

    def address(self, url: str) -> str:
        """Return an address that links to itself."""
        return f"<{url}>" if _SIGNS.search(url) else url

    def link(self, url: str, children: tuple[Inline, ...]) -> str:
        if is_label_of(url, children) and not url.startswith("mailto:"):
            return self.address(url)
        label = " ".join(self.label(children).split("\n"))
        return f"[{label}]({in_brackets(url)})"

    def code(self, text: str) -> str:
        longest = max(map(len, _BACKTICKS.findall(text)), default=0)
        fence = "`" * (longest + 1)
        pad = " " if text.startswith("`") or text.endswith("`") else ""
        return f"{fence}{pad}{text}{pad}{fence}"

    def paragraph(self, inner: str) -> str:
        return self.line_end.join(map(self.line, inner.split(self.line_end)))

    def line(self, line: str) -> str:
        """Return a line whose beginning is no markup, and whose spaces are seen."""
        line = line.rstrip(" ")
        text = line.lstrip(" ")
        return NO_BREAK_SPACE * (len(line) - len(text)) + self.line_start(text)

    def line_start(self, text: str) -> str:
        found = _LINE_START.match(text)
        if found is None:
            return text
        if found[2].isdecimal():
            return f"{text[: found.end()]}\\{text[found.end() :]}"
        return f"{found[1]}\\{text[found.end(1) :]}"

    def preformatted(self, text: str) -> str:
        longest = max(map(len, _BACKTICKS.findall(text)), default=0)
        fence = "`" * max(longest + 1, 3)
        return f"{fence}\n{text}\n{fence}"

    def item(self, blocks: tuple[Block, ...]) -> str:
        written = ""
        for block in blocks:
            # Only a list that begins with 1 may follow a line of text directly.
            apart = isinstance(block, Listing) and block.ordered and block.start != 1
            gap = "\n\n" if apart else "\n"
            written += (gap if written else "") + self.block(block)
        return written

    def table(self, table: Table) -> str:
        rows = [[self.cell(cell) for cell in row] for row in table.rows]
        head = rows.pop(0) if table.header else [""] * len(rows[0])
        lines = [head, ["---"] * len(head), *rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def cell(self, cell: tuple[Inline, ...]) -> str:
        """Return a cell's inlines in one line, without a border in them."""
        line = " ".join(self.inlines(cell).split())
        return re.sub(r"(?<!\\)\|", r"\\|", line)
