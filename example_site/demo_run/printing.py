"""How the demo looks on a terminal."""

from __future__ import annotations


def heading(title: str) -> None:
    """Print the heading of a section."""
    print(f"\n{title}\n{'=' * len(title)}")


def say(line: str) -> None:
    """Print a line of a section."""
    print(f"  {line}".rstrip())
