"""A configuration as the file that would make it: applying an export changes nothing."""

from __future__ import annotations

from typing import Any

import yaml

from console.config.document import Centre
from console.config.plain import plain

WIDTH = 120

Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def export(centre: Centre) -> str:
    """centre.yaml, in the order of its sections; short values stay on one line."""
    words = plain(centre)
    text = f"version: {words.pop('version')}\n"
    if words:
        text += yaml.dump(
            words, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=WIDTH
        )
    return text
