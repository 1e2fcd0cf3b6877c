"""A QR code (ISO/IEC 18004) as lines of text, two rows of modules to a line. Pure."""

import segno

QUIET = 2
"""Light modules around it. The standard asks for four; with two a code of this length fits 24 lines."""
_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def lines(content: str) -> list[str]:
    """The code with its quiet border; to be drawn dark on light. Low error correction keeps it small."""
    code = segno.make_qr(content, error="l", boost_error=False)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return ["".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in zip(rows[::2], rows[1::2], strict=True)]
