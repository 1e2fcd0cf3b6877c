"""Colours, dark and light. No meaning rests on colour alone: states carry a symbol and a word as well."""

from textual.theme import Theme

DARK = Theme(
    name="dark", dark=True, primary="#5fafff", secondary="#87afd7", accent="#ffaf00", foreground="#d0d4d8", background="#14181c",
    surface="#1b2026", panel="#262d35", success="#5fd787", warning="#ffc658", error="#ff7070",
    variables={
        "quiet": "#8a939c", "cursor": "#274b73", "cursor-text": "#ffffff",
        "office-administrator": "#1d3a5f", "office-security": "#4a2a55", "office-auditor": "#23483a",
    },
)
LIGHT = Theme(
    name="light", dark=False, primary="#005faf", secondary="#3a6ea5", accent="#a35200", foreground="#1c2126", background="#fafafa",
    surface="#f0f2f4", panel="#dfe4e9", success="#006d32", warning="#8a5a00", error="#b00020",
    variables={
        "quiet": "#5c6670", "cursor": "#b9d7f5", "cursor-text": "#000000",
        "office-administrator": "#cfe2f7", "office-security": "#ead6f0", "office-auditor": "#d3ecdf",
    },
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
