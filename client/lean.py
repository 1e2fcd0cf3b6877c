"""httpx without its command line, which loads rich and click: a fifth of the time that a command of ours takes to start."""

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # an import that fails is one that httpx does without

import httpx as httpx  # noqa: E402, PLC0414

__all__ = ["httpx"]
