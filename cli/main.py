"""The entry point."""


def main() -> int:
    return 0
