"""A plugin for pytest: a test that hangs is ended, and the stacks of all threads say where.

pytest's own `faulthandler_timeout`, and pytest-timeout as well, stop counting as soon as a test has
failed, so that a fixture that then hangs in its end hangs for ever. Here each phase of a test is
counted by itself, by a thread of faulthandler's that needs nothing of Python. The process ends; of
several (xdist) another takes its place and goes on with the next test.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Generator

import pytest

_STDERR = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("hangs_after", "Seconds after which a phase of a test hangs.", default="300")
    parser.addini("hangs_after_e2e", "Likewise, with real parts to be had.", default="900")


def pytest_configure(config: pytest.Config) -> None:
    # Nothing is captured yet, so this is where people read.
    config.stash[_STDERR] = os.dup(2)


def pytest_unconfigure(config: pytest.Config) -> None:
    os.close(config.stash[_STDERR])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _watched(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _watched(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _watched(item))


def _watched(item: pytest.Item) -> Generator[None, object, object]:
    limit = "hangs_after_e2e" if item.get_closest_marker("e2e") else "hangs_after"
    seconds = float(item.config.getini(limit))
    faulthandler.dump_traceback_later(seconds, file=item.config.stash[_STDERR], exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
