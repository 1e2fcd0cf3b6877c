"""Levels that targets of availability follow from, in words."""

from core.i18n import mark, tr

LEVELS = {
    "city": mark("city"), "county": mark("county"), "township": mark("township"), "backbone": mark("backbone"), "device": mark("device"),
}


def level(word: str) -> str:
    """`level-3-cii` in words."""
    if not word.startswith("level-"):
        return tr(LEVELS.get(word, word))
    number = word.removeprefix("level-").partition("-")[0]
    return tr("level {number}, critical", number=number) if word.endswith("-cii") else tr("level {number}", number=number)
