import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import scratch
from tests.db.consoles import end


@pytest.fixture
def root() -> Iterator[Path]:
    """A data directory; what is left running on it at the end is stopped."""
    top = Path(tempfile.mkdtemp(prefix="console-embedded-", dir=scratch()))
    top.chmod(0o711)
    yield top / "data dir"
    end(top / "data dir")
    shutil.rmtree(top, ignore_errors=True)
