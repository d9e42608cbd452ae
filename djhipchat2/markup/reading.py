"""From a message to a document."""

from __future__ import annotations

import re

from ..fitting import EMPTY
from ..message import Message
from ..states import MessageFormat
from .colors import color_of
from .document import Block, Document, Inline, LineBreak, Paragraph, Text
from .emoticons import with_emoticons
from .html_reading import read_html
from .invisible import is_seen, without_controls
from .mentions import with_mentions
from .runs import Run, nested

_LINE_END = re.compile(r"\r\n|\r|\n")


def read(message: Message) -> Document:
    """
    Return what a message says.

    Text shows as it was typed, but for HipChat's emoticons; html has none, as in HipChat. ``@all``
    and ``@here`` are mentions if the message is to notify, else text that must not ring. Raise
    ImproperlyConfigured for html without the libraries that read it.
    """
    blocks: tuple[Block, ...]
    if message.message_format == MessageFormat.TEXT.value:
        blocks = read_text(message.text, loud=message.notify)
    else:
        blocks = read_html(message.text, loud=message.notify)
    return Document(blocks or (Paragraph((Text(EMPTY),)),), color_of(message))


def read_text(text: str, *, loud: bool) -> tuple[Block, ...]:
    """Return the blocks of a text: one paragraph with the line breaks that were typed."""
    runs: list[Run] = []
    for line in map(without_controls, _LINE_END.split(text.strip("\r\n").rstrip())):
        runs.append(Run(LineBreak()))
        for piece in with_emoticons(line):
            leaves = with_mentions(piece.text) if loud and isinstance(piece, Text) else [piece]
            runs.extend(Run(leaf) for leaf in leaves)
    children: tuple[Inline, ...] = nested(runs[1:])
    return (Paragraph(children),) if is_seen(text) else ()
