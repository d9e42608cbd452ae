"""
One turn of one contender, in a process of its own.

``python -m benchmarks.one module:function JSON``: the function gets the JSON as keyword arguments.
What it returns is printed as JSON, with the seconds of the processor that ``django.setup()`` took.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module

import django


def main(target: str, options: str) -> None:
    """Set Django up, call the function and print what it returns."""
    started = time.process_time()
    django.setup()
    setup_seconds = time.process_time() - started
    module, _, function = target.partition(":")
    measured = getattr(import_module(module), function)(**json.loads(options))
    print(json.dumps({**measured, "setup_seconds": setup_seconds}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
