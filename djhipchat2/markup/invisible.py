"""Characters without a width, which keep signs apart that a service would read as markup."""

from __future__ import annotations

#: Neither a letter nor punctuation; some services take it for a space.
GAP = "\N{ZERO WIDTH SPACE}"
#: Neither a space nor punctuation, so that no emphasis begins behind it.
JOINER = "\N{WORD JOINER}"
