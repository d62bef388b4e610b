"""The runner lists every bench, gives each the common arguments and ends with one line of JSON."""

from __future__ import annotations

import argparse
import json
import types
from typing import Any

import pytest
from benchmarks._machine import Machine
from benchmarks._running import BenchFailed, free_ports

from benchmarks import __main__ as runner


def bench(result: dict[str, Any] | Exception) -> types.ModuleType:
    module = types.ModuleType("made_up")
    module.__doc__ = "Counts to three.\n\nSlowly."
    module.arguments = lambda parser: parser.add_argument("--seed", type=int, default=7)  # type: ignore[attr-defined]

    def run(options: argparse.Namespace) -> dict[str, Any]:
        if isinstance(result, Exception):
            raise result
        return result | {"seed": options.seed}

    module.run = run  # type: ignore[attr-defined]
    return module


def test_the_list_names_each_bench_with_its_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split()[0] for line in lines]
    assert {"firstday", "pages"} <= set(names)
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines)
    assert not any(name.startswith("_") for name in names)


@pytest.mark.parametrize("name", sorted(runner.benches()))
def test_every_bench_takes_the_common_arguments(name: str) -> None:
    parser = runner.parser_of(name, runner.benches()[name])
    options = {word for action in parser._actions for word in action.option_strings}
    assert {"--data", "--seconds", "--seed", "--out"} <= options


def test_the_last_line_is_one_object_with_the_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "benches", lambda: {"counts": bench({"n": 3})})
    assert runner.main(["counts"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["bench"], last["n"], last["seed"]) == ("counts", 3, 7)
    assert last["machine"].keys() >= {"load", "steal_percent", "busy_percent", "cores"}


@pytest.mark.parametrize("result", [{"all_ok": False}, {"ok": False}, BenchFailed("no town")])
def test_a_failure_is_a_non_zero_exit(
    monkeypatch: pytest.MonkeyPatch, result: dict[str, Any] | Exception
) -> None:
    monkeypatch.setattr(runner, "benches", lambda: {"counts": bench(result)})
    assert runner.main(["counts"]) == 1


def test_an_unknown_bench_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["nothing"]) == 2
    assert "firstday" in capsys.readouterr().err


def test_the_machine_is_read_between_two_moments() -> None:
    seen = Machine.now().until_now()
    assert 0 <= seen["steal_percent"] <= 100
    assert 0 <= seen["busy_percent"] <= 100


def test_free_ports_are_all_different() -> None:
    assert len(set(free_ports(8))) == 8
