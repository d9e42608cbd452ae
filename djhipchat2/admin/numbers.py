"""Numbers of rows as an address or a form has them: whoever wants to can write anything there."""

from __future__ import annotations

#: What a row's number is less than.
BEYOND = 2**63


def number_of(digits: str) -> int | None:
    """Return a number that a row can have; None if the text is none."""
    # Python refuses to read thousands of digits.
    if not digits.isascii() or not digits.isdecimal() or len(digits) > len(str(BEYOND)):
        return None
    number = int(digits)
    return number if number < BEYOND else None


def numbers_in(text: str) -> list[int]:
    """Return the numbers that a form's field has, with commas between them."""
    return [number for number in map(number_of, text.split(",")) if number is not None]
