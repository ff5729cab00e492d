from firsthand.core.pauses import Pauses


def test_for_a_while() -> None:
    pauses = Pauses()
    assert pauses.toggle(("all", ""), now=0, minutes=15)
    assert pauses.hold("file:///a.py", "python", now=899)
    assert not pauses.hold("file:///a.py", "python", now=901)


def test_until_resumed() -> None:
    pauses = Pauses()
    assert pauses.toggle(("uri", "file:///a.py"), now=0, minutes=None)
    assert pauses.hold("file:///a.py", "python", now=1e9)
    assert not pauses.hold("file:///b.py", "python", now=1)
    assert not pauses.toggle(("uri", "file:///a.py"), now=2, minutes=None)
    assert not pauses.hold("file:///a.py", "python", now=3)


def test_a_language() -> None:
    pauses = Pauses()
    assert pauses.toggle(("language", "markdown"), now=0, minutes=None)
    assert pauses.hold("file:///a.md", "markdown", now=1)
    assert not pauses.hold("file:///a.py", "python", now=1)


def test_no_minutes_at_all_resume() -> None:
    pauses = Pauses()
    pauses.toggle(("all", ""), now=0, minutes=15)
    assert not pauses.toggle(("all", ""), now=1, minutes=0)
    assert not pauses.hold("file:///a.py", "python", now=1)
