"""
Settings of the processes that the fault suite starts and breaks.

HIPCHAT_FAULTS_SETTINGS holds what differs from the test project's, as a JSON object by name.
"""

from __future__ import annotations

import json
import os

from tests.settings import *  # noqa: F403 - a settings module is its names

globals().update(json.loads(os.environ.get("HIPCHAT_FAULTS_SETTINGS", "{}")))
