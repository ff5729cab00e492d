"""Long work, as editors that show progress hear of it."""

from collections.abc import Callable, Mapping
from typing import Any

from firsthand.progress import Progress

Step = tuple[int, int] | None | str


def check(steps: list[Step], told: str) -> None:
    """What is sent for statuses, (done, total) or None; "ok" is the editor's answer to create."""
    sent: list[str] = []
    answers: list[Callable[[], None]] = []

    def create(token: str, then: Callable[[], None]) -> None:
        sent.append(f"create {token[-1]}")
        answers.append(then)

    def send(token: str, value: Mapping[str, Any]) -> None:
        sent.append(" ".join(filter(None, (value["kind"], token[-1], value.get("message")))))

    progress = Progress(create, send)
    for step in steps:
        if isinstance(step, str):
            answers.pop(0)()
        else:
            progress.update(None if step is None else {"done": step[0], "total": step[1]})
    assert ", ".join(sent) == told


def test_long_work_begins_goes_on_and_ends() -> None:
    check(
        [None, (0, 200), (5, 200), "ok", (10, 200), None, None],
        "create 1, begin 1 5 of 200 files, report 1 10 of 200 files, end 1",
    )


def test_short_work_is_not_shown() -> None:
    check([(0, 99), (50, 99), None], "")


def test_work_that_ends_before_the_editor_answers() -> None:
    check([(0, 200), None, "ok"], "create 1, begin 1, end 1")
    check(
        [(0, 200), None, (0, 300), "ok", "ok", None],
        "create 1, create 2, begin 1, end 1, begin 2 0 of 300 files, end 2",
    )


def test_percentages() -> None:
    values: list[Mapping[str, Any]] = []
    progress = Progress(lambda token, then: then(), lambda token, value: values.append(value))
    progress.update({"done": 50, "total": 200})
    assert values == [
        {
            "kind": "begin",
            "title": "Firsthand: indexing",
            "message": "50 of 200 files",
            "percentage": 25,
        }
    ]
