"""Start the local HipChat server; ``--help`` lists the options."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Make the server's packages importable from any folder, then run it."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    if importlib.util.find_spec("djhipchat2") is None:
        sys.path.insert(1, str(HERE.parent))
    from hipchat_server.start import run  # noqa: PLC0415 - found on the path prepared above

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
