"""`python -m bench.pixels.vscode`: from the key event to ghost text in VS Code's document.

The end of a real module is typed back in the real VS Code, with the embedded tier alone: once with
a pause after each key, which says how long ghost text takes that was not there before; then at 20
keys a second, with the extension and without it, which says what it costs typing, and whether a key
is lost or comes out of order. All times are the browser's own: an event's time stamp, and the
moment at which a changed document is seen by an observer of it.
"""

from __future__ import annotations

import argparse
import configparser
import json
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from tests.e2e import vscode
from tests.e2e.knowing import knowing
from tests.e2e.vscode_editor import Editor

_DEBOUNCE_MS = 50.0
"""VS Code asks for inline completions so long after a key; nobody can change that."""
_GAP = 0.05
_PAUSE = 0.35
_LATE = 0.25  # seconds after which a model answers
_LATE_ANSWERS = 30
_MISSED = 5.0  # seconds after which one is not waited for any more
_LEARN = 20.0  # seconds in which the workspace is learned
_CONFIG = "[inline]\nmodels = []\ndiscover = false\n"
# Nothing but the keys may change what is typed.
_PLAIN = {
    "editor.autoIndent": "none",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoClosingDelete": "never",
    "editor.acceptSuggestionOnCommitCharacter": False,
    "editor.parameterHints.enabled": False,
    "editor.wordBasedSuggestions": "off",
    "editor.trimAutoWhitespace": False,
    "editor.detectIndentation": False,
    "editor.useTabStops": False,
}
# When each key came, and when the ghost text and the code on the screen changed.
_OBSERVE = """
(() => {
  const seen = window.pixels = { keys: [], ghosts: [], codes: [] };
  const text = (selector) => [...document.querySelectorAll(selector)]
    .map((each) => each.textContent.replaceAll('\\u00a0', ' ')).join('\\n');
  let ghost = '';
  addEventListener('keydown', (event) => seen.keys.push(event.timeStamp), true);
  new MutationObserver((changes) => {
    const now = performance.now();
    const shown = text('.ghost-text-decoration, .suggest-preview-text .view-line');
    if (shown !== ghost) seen.ghosts.push([now, ghost = shown]);
    if (changes.some(({ target }) => (target.closest ? target : target.parentElement)
        ?.closest('.view-lines, .cursors-layer'))) seen.codes.push(now);
  }).observe(document.querySelector('.editor-group-container.active'),
    { childList: true, subtree: true, characterData: true, attributes: true });
})();
"""


def main() -> None:
    """Type, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.pixels.vscode", description=main.__doc__)
    parser.add_argument("--paused", type=int, default=900, help="keys with a pause each (900)")
    parser.add_argument("--fast", type=int, default=1000, help="keys at 20 a second (1000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, vscode.browsing() as browser:
        figures = measure(browser, Path(scratch), asked.paused, asked.fast)
    print(json.dumps(figures, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measure(browser: Browser, folder: Path, paused: int, fast: int) -> dict[str, Any]:
    """All figures, in milliseconds."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    (folder / "environments").mkdir()
    late = late_answers(browser, folder)
    with window(browser, folder, paused, extension=True) as (editor, keys):
        shown = _ghosts(editor, keys, type_keys(editor, keys, _PAUSE))
    with window(browser, folder, fast, extension=True) as (editor, keys):
        with_it = _typed(editor, keys)
    with window(browser, folder, fast, extension=False) as (editor, keys):
        without = _typed(editor, keys)
    return {
        "load_before": load,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "debounce_of_vscode": _DEBOUNCE_MS,
        "late_answer_to_screen": late,
        "ghost_text": shown,
        "typing_with_the_extension": with_it,
        "typing_without": without,
    }


def late_answers(browser: Browser, folder: Path) -> dict[str, float]:
    """From a model's answer to the screen, 250 ms after the last key, where nothing was shown."""
    begun = [
        f"the_value_of_this_part_{number} = compute_{number}" for number in range(_LATE_ANSWERS)
    ]
    rest = "(first_of_all, second_of_all, third)"
    project = Path(tempfile.mkdtemp(dir=folder)) / "project"
    (project / ".git").mkdir(parents=True)
    file = project / "parts.py"
    file.write_text("", encoding="utf-8")
    took, missed = [], 0
    with (
        knowing("", told=600, piece=600) as model,
        vscode.editing(
            browser,
            file,
            project.parent / "home",
            config=model.config,
            environments=folder / "environments",
            settings={**_PLAIN, **vscode.OURS},
        ) as editor,
    ):
        editor.until(lambda: "qwen" in editor.status, "a server", vscode.FIRST_START)
        model.delay = _LATE
        editor.click_end()
        editor.page.evaluate(_OBSERVE)
        for line in begun:
            model.text += f"\n{line}{rest}"  # and nothing to follow it
            editor.page.keyboard.insert_text(line[:-1])
            editor.type(line[-1])
            end = time.monotonic() + _MISSED
            while editor.ghost != rest and time.monotonic() < end:
                editor.page.wait_for_timeout(30)
            if editor.ghost != rest:
                missed += 1
                editor.page.keyboard.insert_text(rest)
            else:
                at = editor.page.evaluate("performance.timeOrigin + window.pixels.ghosts.at(-1)[0]")
                took.append(at - max(1000 * said for said in model.answered if 1000 * said < at))
                editor.press("Tab")
            editor.page.wait_for_timeout(1000 * _PAUSE)
            editor.press("Enter")
            editor.page.wait_for_timeout(1000 * _PAUSE)
    return {**_spread(took), "missed": missed}


@contextmanager
def window(
    browser: Browser, folder: Path, count: int, *, extension: bool
) -> Iterator[tuple[Editor, str]]:
    """VS Code on a module without its end, and the end."""
    scratch = Path(tempfile.mkdtemp(dir=folder))
    project = scratch / "project"
    (project / ".git").mkdir(parents=True)
    module = Path(configparser.__file__)
    for each in sorted(module.parent.glob("*.py"))[:60]:
        shutil.copy(each, project)
    text = module.read_text("utf-8").rstrip("\n")
    file = project / module.name
    file.write_text(text[:-count], encoding="utf-8")
    with vscode.editing(
        browser,
        file,
        scratch / "home",
        config=_CONFIG,
        environments=folder / "environments",
        settings={**_PLAIN, **vscode.OURS},
        extension=extension,
    ) as editor:
        if extension:
            editor.until(lambda: "embedded" in editor.status, "a server", vscode.FIRST_START)
            editor.page.wait_for_timeout(1000 * _LEARN)
        editor.until(lambda: editor.text, "the file")
        editor.click_end()
        editor.page.evaluate(_OBSERVE)
        yield editor, text[-count:]


def type_keys(editor: Editor, keys: str, gap: float) -> float:
    """Type keys, so many seconds apart whatever each takes; gives how many went off a second."""
    began = time.monotonic()
    for number, key in enumerate(keys):
        editor.type(key, pause=0)
        wait = began + (number + 1) * gap - time.monotonic()
        if wait > 0:
            editor.page.wait_for_timeout(1000 * wait)
    return len(keys) / (time.monotonic() - began)


def _ghosts(editor: Editor, keys: str, rate: float) -> dict[str, Any]:
    """From each key to the ghost text that stood before the next one, where it is another one."""
    pixels = editor.page.evaluate("window.pixels")
    ghosts: list[tuple[float, str]] = [(at, text) for at, text in pixels["ghosts"]]
    new: list[float] = []
    through: list[float] = []
    before = ""
    ends = [*pixels["keys"][1:], float("inf")]
    for at, end, key in zip(pixels["keys"], ends, keys, strict=True):
        here = [each for each in ghosts if at <= each[0] < end]
        stood = here[-1][1] if here else before
        if stood and here:
            first = next(when for when, text in here if text == stood)
            follows = before.startswith(key) and before[1:] == stood
            (through if follows else new).append(first - at)
        before = stood
    return {
        "keys": len(keys),
        "keys_a_second": round(rate, 1),
        "new": _spread(new),
        "new_over_the_debounce": _spread([each - _DEBOUNCE_MS for each in new]),
        "typed_through": _spread(through),
    }


def _typed(editor: Editor, keys: str) -> dict[str, Any]:
    """From each key to the change of the code on the screen, and whether all keys arrived."""
    before = editor.file.read_text("utf-8")
    rate = type_keys(editor, keys, _GAP)
    editor.press("Escape")
    editor.page.wait_for_timeout(1000)
    pixels = editor.page.evaluate("window.pixels")
    arrived = "\n".join(editor.saved())
    codes = iter(pixels["codes"])
    took, seen = [], next(codes, None)
    for at in pixels["keys"][: len(keys)]:
        while seen is not None and seen < at:
            seen = next(codes, None)
        if seen is not None:
            took.append(seen - at)
    return {
        "keys": len(keys),
        "keys_a_second": round(rate, 1),
        "all_keys_in_order": arrived == before + keys,
        "key_to_screen": _spread(took),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    if len(values) < 2:
        return {"count": len(values)}
    ordered = statistics.quantiles(values, n=100, method="inclusive")
    return {
        "count": len(values),
        "p50": round(ordered[49], 1),
        "p95": round(ordered[94], 1),
        "p99": round(ordered[98], 1),
    }


if __name__ == "__main__":
    main()
