"""Files to begin with: the contract's own example, and one that has something of everything."""

from pathlib import Path

import pytest

from console.config.document import Centre
from console.config.parse import parse

EXAMPLE = Path(__file__).parent / "centre.yaml"


@pytest.fixture(scope="session")
def example() -> str:
    """The example of the public contract, every key of it."""
    return EXAMPLE.read_text()


@pytest.fixture
def centre(example: str) -> Centre:
    return parse(example)
