"""Fixtures for all tests."""

import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("house")


def _need(program: str) -> str:
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found:
        return found
    if os.environ.get("YUNWANG_REQUIRE_REAL") == "1":
        pytest.fail(f"{program} is not installed, and YUNWANG_REQUIRE_REAL=1 asks for it")
    pytest.skip(f"{program} is not installed")


@pytest.fixture(scope="session")
def need() -> Callable[[str], str]:
    """`need("snmpd")`: the path of a program; skips where it is missing, fails with YUNWANG_REQUIRE_REAL=1."""
    return _need
