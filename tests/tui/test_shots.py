"""Pictures of the console draw Chinese as wide as a terminal does."""

import re

from tui.shots import self_contained

TEXT = '<text class="r1" x="{}" y="20" textLength="{}" clip-path="url(#l)">{}</text>'


def test_each_run_of_equally_wide_characters_has_its_own_place_and_length() -> None:
    drawn = self_contained(TEXT.format("12.2", "61", "+&#160;在线&#160;9"))
    pieces = re.findall(r'x="([\d.]+)" y="20" textLength="([\d.]+)"[^>]*>([^<]*)<', drawn)
    assert pieces == [("12.2", "24.4", "+&#160;"), ("36.6", "48.8", "在线"), ("97.6", "12.2", "9")]


def test_markup_in_device_text_stays_text_and_blanks_are_not_drawn() -> None:
    assert "&lt;b&gt;" in self_contained(TEXT.format("0", "36.6", "&lt;b&gt;"))
    assert self_contained(TEXT.format("0", "36.6", "&#160;&#160;&#160;")) == ""


def test_no_font_is_loaded_from_elsewhere() -> None:
    assert "http" not in self_contained('<style>@font-face { src: url("https://fonts.example/f.woff2"); }</style>')
