"""A QR code on a terminal: two modules to a cell, black on white whatever the terminal's colours are. ISO/IEC 18004 by `segno`."""

QUIET = 2
"""Light modules around it; the standard asks for four, readers are content with two on a white ground of its own."""
_CELLS = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}
_ON, _OFF = "\x1b[30;107m", "\x1b[0m"


def lines(text: str) -> list[str]:
    """One line of the terminal for two rows of modules."""
    import segno

    matrix = [[int(module) for module in row] for row in segno.make(text, error="l", micro=False).matrix]
    size = len(matrix) + 2 * QUIET
    blank = [0] * size
    rows = [blank] * QUIET + [[0] * QUIET + row + [0] * QUIET for row in matrix] + [blank] * QUIET
    if len(rows) % 2:
        rows.append(blank)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [_ON + "".join(_CELLS[top, bottom] for top, bottom in zip(*pair, strict=True)) + _OFF for pair in pairs]
