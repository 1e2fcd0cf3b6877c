"""How this process gets its memory: large arrays as mappings of their own, so that one that is let go goes back to the system at once."""

import ctypes

_M_MMAP_THRESHOLD = -3
_LARGE = 256 * 1024


def return_large_arrays() -> None:
    """To be called early. glibc otherwise raises the size from which it maps with each array freed, and keeps the holes: with a city's
    arrays made anew whenever devices change, that was half as much again. Does nothing where the C library has no `mallopt`."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
