"""`make bench`: runs the benchmarks of this folder and prints their tables.

    python bench/run.py [NAME ...] [--quick] [--json FILE]

A benchmark is a module here with `NAME` and `run(quick: bool) -> Iterable[tuple[str, str]]`: rows of what was measured and the figure,
printed as they come.
Modules whose name begins with an underscore are parts of others.
"""

import argparse
import importlib
import json
import sys
import time
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
_LABEL = 44
"""Width of the column of what was measured."""


def benchmarks() -> dict[str, ModuleType]:
    """All benchmarks by name."""
    sys.path[:0] = [str(HERE.parent), str(HERE)]
    out = {}
    for file in sorted(HERE.glob("[a-z]*.py")):
        if file.stem == "run":
            continue
        module = importlib.import_module(file.stem)
        if hasattr(module, "NAME") and hasattr(module, "run"):
            out[module.NAME] = module
    return out


def main() -> int:
    found = benchmarks()
    parser = argparse.ArgumentParser(description="Benchmarks of Yunwang; ratios of one run count, not its seconds.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(found)}; all of them otherwise")
    parser.add_argument("--quick", action="store_true", help="fewer devices and rounds")
    parser.add_argument("--json", type=Path, help="append one line of JSON for each figure")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in found]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(found)}")
    for name in args.names or found:
        started = time.monotonic()
        print(f"\n== {name}", flush=True)
        for label, figure in found[name].run(args.quick):
            print(f"  {label.ljust(_LABEL)}  {figure}", flush=True)
            if args.json:
                with args.json.open("a") as file:
                    file.write(json.dumps({"bench": name, "what": label, "figure": figure}) + "\n")
        print(f"  ({time.monotonic() - started:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
