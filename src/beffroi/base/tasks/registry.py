"""The tasks this program knows, by name. Filled when the rooms' tasks.py are imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Registered:
    name: str
    function: Callable[..., Any]
    tries: int
    urgent: bool
    atomic: bool
    first_wait: float
    longest_wait: float

    @property
    def description(self) -> str:
        return (self.function.__doc__ or "").strip().split("\n")[0]


TASKS: dict[str, Registered] = {}
#: Seconds between two runs, by task name.
PERIODS: dict[str, int] = {}
_by_function: dict[Callable[..., Any], str] = {}


def task(
    name: str,
    tries: int = 8,
    urgent: bool = False,
    atomic: bool = False,
    first_wait: float = 1.0,
    longest_wait: float = 900.0,
) -> Callable[[Function], Function]:
    """Declare a function as a task; its arguments are what JSON can carry.

    It may run more than once (a kill between its work and the note that it is done), so it
    must not mind. With `atomic`, its database work and that note are one transaction: its
    effect then happens exactly once, and it must not use the network.

    `urgent`: short work somebody waits for; it never queues behind long tasks.
    After an error it is tried again, `tries` times in all, after `first_wait` seconds, then
    twice as many each time up to `longest_wait`; then it is kept with its error.
    """

    def register(function: Function) -> Function:
        known = TASKS.get(name)
        if known is not None and _origin(known.function) != _origin(function):
            raise ValueError(f"Two tasks are called {name!r}")
        TASKS[name] = Registered(name, function, tries, urgent, atomic, first_wait, longest_wait)
        _by_function[function] = name
        return function

    return register


def every(name: str, seconds: int) -> Callable[[Function], Function]:
    """Run a function every `seconds`, in one worker. A run that is late is not made up for.

    The function takes no argument. Declared as `name`, unless `@task` has named it already.
    """

    def register(function: Function) -> Function:
        if function not in _by_function:
            task(name)(function)
        PERIODS[_by_function[function]] = seconds
        return function

    return register


def find(task_or_name: Callable[..., Any] | str) -> Registered:
    """The declaration behind a function or a name; raises LookupError."""
    name = task_or_name if isinstance(task_or_name, str) else _by_function.get(task_or_name, "")
    if name not in TASKS:
        raise LookupError(f"{task_or_name!r} is not a task: declare it with @task in tasks.py")
    return TASKS[name]


def _origin(function: Callable[..., Any]) -> tuple[str, str]:
    return function.__module__, getattr(function, "__qualname__", repr(function))
