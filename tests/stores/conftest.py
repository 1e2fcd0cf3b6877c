"""How long the long tests are."""

import os

import pytest


@pytest.fixture
def rounds() -> int:
    """Rounds of a crash test: a hundred in soak."""
    return 100 if os.environ.get("YUNWANG_SOAK") == "1" else 6
