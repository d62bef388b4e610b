"""`./run bench` lists the benches; `./run bench NAME …` runs one.

A bench is a module with a docstring, `arguments(parser)` and `run(options) -> dict`. Its last line
on the standard output is one JSON object; its exit status is 0 unless it failed or its result has
`all_ok` or `ok` false.
"""

from __future__ import annotations

import argparse
import json
import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks._machine import Machine
from benchmarks._running import BenchFailed

COMMON: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--data", {"type": Path, "help": "file or folder of data"}),
    ("--seconds", {"type": float, "help": "time budget"}),
    ("--seed", {"type": int, "default": 1, "help": "seed of all chance"}),
    ("--out", {"type": Path, "help": "where the answers are written"}),
)


def benches() -> dict[str, ModuleType]:
    """Name → module, by alphabet; the name is the module's with hyphens."""
    folder = [str(Path(__file__).parent)]
    names = sorted(m.name for m in pkgutil.iter_modules(folder) if not m.name.startswith("_"))
    modules = {name.replace("_", "-"): import_module(f"benchmarks.{name}") for name in names}
    return {
        name: module
        for name, module in modules.items()
        if hasattr(module, "arguments") and hasattr(module, "run")
    }


def purpose(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().splitlines()[0]


def parser_of(name: str, module: ModuleType) -> argparse.ArgumentParser:
    """The bench's own arguments, then the common ones that it did not name itself."""
    parser = argparse.ArgumentParser(prog=f"./run bench {name}", description=purpose(module))
    module.arguments(parser)
    own = {option for action in parser._actions for option in action.option_strings}
    for option, settings in COMMON:
        if option not in own:
            parser.add_argument(option, **settings)
    return parser


def main(argv: list[str]) -> int:
    known = benches()
    if not argv or argv[0] in {"-h", "--help"}:
        width = max(map(len, known))
        print("\n".join(f"  {name:<{width}}  {purpose(module)}" for name, module in known.items()))
        return 0
    name, *words = argv
    if name not in known:
        print(f"./run bench: {name!r} is unknown; known: {', '.join(known)}", file=sys.stderr)
        return 2
    options = parser_of(name, known[name]).parse_args(words)
    before = Machine.now()
    try:
        result = known[name].run(options)
    except BenchFailed as failure:
        print(f"./run bench {name}: {failure}", file=sys.stderr)
        return 1
    machine = before.until_now()
    print(
        f"machine: {machine['cores']} cores, load {machine['load']:.1f}, "
        f"steal {machine['steal_percent']:.1f} %, busy {machine['busy_percent']:.0f} %"
    )
    print(json.dumps({"bench": name, **result, "machine": machine}, ensure_ascii=False))
    return 0 if all(result.get(key, True) for key in ("all_ok", "ok")) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
