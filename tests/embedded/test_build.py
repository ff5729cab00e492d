"""Bringing a tier up to date: its answers are those of one that was built anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsthand.embedded import ProjectTier, build_tier, update_tier
from firsthand.embedded.lexer import FILE, is_word
from firsthand.embedded.tier import DEPTH, REHEARSED, Excluded, Parts

Texts = dict[str, str]

SAMPLED = 14  # names from which on not all of what follows them is taken, from each layer as many
AREA = "def area(self, width):\n    return self.scale * width\n"
EDGE = "def edge(self):\n    return self.sides[0]\n"
NAMES = st.sampled_from(["a.py", "b.py", "c.py", "d.py"])
TEXTS = st.dictionaries(NAMES, st.text(alphabet="ab.\n (=1", max_size=60), max_size=4)


def files(texts: Texts) -> list[tuple[str, str, str]]:
    return [(path, "python", text) for path, text in texts.items()]


def query(tier: ProjectTier, *keys: str) -> int:
    number = 0
    for key in keys:
        number = number >> 32 | tier.id(key) << 32 * (DEPTH - 1)
    return number


def words_of(tier: ProjectTier) -> set[str]:
    return {tier.words[number] for number in range(tier.words.whole)}


def check(folder: Path, before: Texts, after: Texts, *, purge: bool = False) -> ProjectTier:
    """Build a tier of some texts, make it that of others, and compare it with a fresh one."""
    build_tier(files(before), folder / "tier")
    changed = {path: text for path, text in after.items() if before.get(path) != text}
    stats = update_tier(files(changed), before.keys() - after.keys(), folder / "tier", purge=purge)
    fresh = build_tier(files(after), folder / "fresh")
    assert stats is not None
    assert (stats.files, stats.tokens, stats.whole) == (fresh.files, fresh.tokens, fresh.whole)
    mine, other = ProjectTier.load(folder / "tier"), ProjectTier.load(folder / "fresh")
    for path in (*after, "nowhere.py"):
        same_answers(mine, other, path)
    return mine


def same_answers(mine: ProjectTier, other: ProjectTier, path: str) -> None:
    """Compare what is asked of a tier; what follows a file's end depends on its place."""
    left, right = mine.excluded(path), other.excluded(path)
    words = sorted(filter(is_word, words_of(other)))
    for word in words:
        assert mine.count(word, left) == other.count(word, right)
        begun = sorted(mine.beginning(word[0], 99, left))
        assert begun == sorted(other.beginning(word[0], 99, right))
        assert followers(mine, word, left) == followers(other, word, right)
        for last in words[:4]:
            pair = (last, word)
            assert mine.after(word, pair, left) == other.after(word, pair, right)
    if sum(other.count(word, right) for word in words) < SAMPLED:
        assert voted(mine, left) == voted(other, right)


def voted(tier: ProjectTier, excluded: Excluded) -> list[str]:
    """What follows a name; how far back a name stands may reach into the file before."""
    found = tier.votes(1 << 240, excluded)
    return sorted(vote if isinstance(vote, str) else "" for vote, match in found if match == 1)


def followers(tier: ProjectTier, word: str, excluded: Excluded) -> list[tuple[str, int]]:
    found = tier.successors(query(tier, "(", word), excluded)
    return sorted((key, min(match, 2)) for key, match in found if key != FILE)


@pytest.mark.parametrize("purge", [False, True])
@pytest.mark.parametrize(
    "after",
    [
        {"a.py": AREA, "b.py": EDGE},
        {"a.py": AREA},
        {"a.py": AREA, "b.py": EDGE.replace("sides", "corners")},
        {"a.py": EDGE, "b.py": AREA},
        {"a.py": AREA, "b.py": EDGE, "c.py": "entirely = new\n"},
        {"c.py": "entirely = new\n"},
        {"a.py": "", "b.py": EDGE},
        {},
    ],
)
def test_an_update_answers_as_a_fresh_tier(tmp_path: Path, after: Texts, purge: bool) -> None:
    check(tmp_path, {"a.py": AREA, "b.py": EDGE}, after, purge=purge)


@settings(max_examples=25)
@given(TEXTS, TEXTS, st.booleans())
def test_any_update_answers_as_a_fresh_tier(
    tmp_path_factory: pytest.TempPathFactory, before: Texts, after: Texts, purge: bool
) -> None:
    check(tmp_path_factory.mktemp("update"), before, after, purge=purge)


def test_updates_add_up(tmp_path: Path) -> None:
    build_tier(files({"a.py": AREA, "b.py": EDGE}), tmp_path)
    base = Parts.of(tmp_path).base
    for number in range(5):
        update_tier(files({f"n{number}.py": f"value_{number} = 1\n"}), (), tmp_path)
    update_tier(files({"a.py": "nothing = 0\n"}), {"n0.py"}, tmp_path)
    tier = ProjectTier.load(tmp_path)
    assert Parts.of(tmp_path).base == base
    assert tier.files == {"a.py", "b.py", "n1.py", "n2.py", "n3.py", "n4.py"}
    assert tier.beginning("value", 9, tier.excluded("")) != []
    assert tier.count("value_0", tier.excluded("")) == 0
    assert tier.count("value_4", tier.excluded("")) == 1
    assert tier.count("area", tier.excluded("")) == 0


def test_a_large_change_is_merged(tmp_path: Path) -> None:
    lines = "".join(f"name_{number} = other_{number}\n" for number in range(6000))
    build_tier(files({"a.py": lines, "b.py": EDGE}), tmp_path)
    before = Parts.of(tmp_path)
    update_tier(files({"a.py": lines.replace("other", "value")}), (), tmp_path)
    after = Parts.of(tmp_path)
    assert after.base != before.base
    assert not after.delta
    assert not any(word == "other_1" for word in words_of(ProjectTier.load(tmp_path)))


def test_what_has_to_go_is_gone_from_the_disk(tmp_path: Path) -> None:
    build_tier(files({"a.py": AREA, "b.py": "hidden_name = 1\n"}), tmp_path)
    (tmp_path / REHEARSED).write_bytes(b"hidden_name")
    update_tier((), {"b.py"}, tmp_path)
    assert (tmp_path / REHEARSED).exists()
    assert any(b"hidden_name" in path.read_bytes() for path in tmp_path.iterdir())
    update_tier((), {"b.py"}, tmp_path, purge=True)
    assert not any(b"hidden_name" in path.read_bytes() for path in tmp_path.iterdir())


def test_nothing_changed_takes_the_delta_away(tmp_path: Path) -> None:
    build_tier(files({"a.py": AREA}), tmp_path)
    update_tier(files({"b.py": EDGE}), (), tmp_path)
    update_tier((), {"b.py"}, tmp_path)
    assert Parts.of(tmp_path).delta == ""
    assert len(list(tmp_path.iterdir())) == 2


def test_a_reader_of_the_old_one_goes_on(tmp_path: Path) -> None:
    build_tier(files({"a.py": AREA}), tmp_path)
    old = ProjectTier.load(tmp_path)
    update_tier(files({"a.py": EDGE}), (), tmp_path)
    assert old.count("scale", old.excluded("")) == 1


def test_files_beyond_the_room_keep_their_short_orders(tmp_path: Path) -> None:
    near = {"near.py": "alpha = beta(gamma)\n"}
    far = {f"far{number}.py": "delta = self.epsilon(zeta)\n" * 2 for number in range(3)}
    stats = build_tier(files(near | far), tmp_path, most=5)
    assert (stats.files, sorted(stats.whole)) == (4, ["near.py"])
    tier = ProjectTier.load(tmp_path)
    assert ("epsilon", 2) in tier.successors(query(tier, "unknown", "self", "."), ())
    assert ("epsilon", 3) in tier.successors(query(tier, " =", "self", "."), ())
    assert tier.count("epsilon", ()) == 6
    assert tier.after("epsilon", (".", "self"), ()) == (6, 6)
    assert tier.after("epsilon", (".", "other"), ()) == (6, 0)
    assert tier.beginning("eps", 3, ()) == ["epsilon"]
    assert tier.successors(query(tier, "epsilon", "nowhere"), ()) == []
    update_tier(files({"new.py": "epsilon = 1\n"}), (), tmp_path)
    again = ProjectTier.load(tmp_path)
    assert again.count("epsilon", ()) == 7
    assert ("zeta", 3) in again.successors(query(again, ".", "epsilon", "("), ())


def test_a_tier_that_outgrew_its_room_has_to_be_built_anew(
    tmp_path: Path,
) -> None:
    build_tier(files({"a.py": AREA}), tmp_path)
    before = Parts.of(tmp_path)
    assert update_tier(files({"b.py": EDGE * 9}), (), tmp_path, most=20) is None
    assert Parts.of(tmp_path) == before
