"""
The import name of 2013. ``djhipchat`` and everything below it *is* ``djhipchat2``, not a copy:
``djhipchat.backends.locmem is djhipchat2.backends.locmem``.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

OLD, NEW = "djhipchat", "djhipchat2"


class _Alias(Loader):
    """Loader that hands out the module of the new name."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(NEW + spec.name.removeprefix(OLD))
        # The import system is about to write the alias' spec over the module's own.
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec


class AliasFinder:
    """Finder of modules below the old name."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of an alias if its module exists under the new name."""
        if not fullname.startswith(f"{OLD}."):
            return None
        real = find_spec(NEW + fullname.removeprefix(OLD))
        if real is None:
            return None
        is_package = real.submodule_search_locations is not None
        return ModuleSpec(fullname, _Alias(), is_package=is_package)


# In front of the path finder, which would load the files a second time.
sys.meta_path.insert(0, AliasFinder)
sys.modules[__name__] = importlib.import_module(NEW)
