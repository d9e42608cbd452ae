"""Sphinx's configuration."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings  # noqa: TID251 - Sphinx is the project here
from docutils import nodes

import djhipchat2

# The reference is made from docstrings, and models need settings to be imported.
settings.configure(
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "djhipchat2",
    ],
    USE_TZ=True,
)
django.setup()

project = "djhipchat2"
author = "The djhipchat2 maintainers"
version = release = djhipchat2.__version__

extensions = ["sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
default_role = None
highlight_language = "text"
pygments_style = "tango"
pygments_dark_style = "monokai"

autodoc_default_options = {"exclude-members": "__init__, __new__"}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 80
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"djhipchat2 {release}"
html_static_path = ["_static"]
html_css_files = ["djhipchat2.css"]
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False


def proof(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, *_: Any
) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """Show the name of a test, ``path::test_name``, as the sentence that it is."""
    path, _, test = text.partition("::")
    sentence = test.removeprefix("test_").replace("_", " ").capitalize()
    shown = nodes.inline(rawtext, "", classes=["proof"])
    shown += nodes.inline("", sentence, classes=["proof-sentence"])
    shown += nodes.Text(" ")
    shown += nodes.inline("", path, classes=["proof-path"])
    return [shown], []


def setup(app: Any) -> None:
    """Add the role ``proof``."""
    app.add_role("proof", proof)
