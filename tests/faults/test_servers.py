from __future__ import annotations

import pytest

from tests.faults.servers import program


def test_a_program_that_is_not_installed_is_told_with_its_package() -> None:
    with pytest.raises(FileNotFoundError, match="no no-such-server here: apt-get install"):
        program("no-such-server")
