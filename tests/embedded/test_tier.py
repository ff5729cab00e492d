"""The project's tier on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsthand.embedded import CorruptTier, ProjectTier, build_tier, update_tier
from firsthand.embedded.tier import DEPTH, Parts

CODE = "def area(self, width):\n    return self.scale * width\n\n\ndef edge(self):\n    return 4\n"


def query(tier: ProjectTier, *keys: str) -> int:
    number = 0
    for key in keys:
        number = number >> 32 | tier.id(key) << 32 * (DEPTH - 1)
    return number


def built(folder: Path, *texts: str) -> ProjectTier:
    build_tier([(f"{n}.py", "python", text) for n, text in enumerate(texts)], folder)
    return ProjectTier.load(folder)


def words_of(tier: ProjectTier) -> list[str]:
    return [tier.words[number] for number in range(tier.words.whole)]


def file_of(folder: Path) -> Path:
    return folder / Parts.of(folder).base


def test_successors_with_the_longest_match_among_them(tmp_path: Path) -> None:
    tier = built(tmp_path, CODE)
    found = tier.successors(query(tier, "\n", "return", "self", "."), (0, 0))
    assert found == [("scale", 3)]
    assert {key for key, _ in tier.successors(query(tier, "return"), (0, 0))} == {"self", "4"}


def test_the_own_file_is_left_out(tmp_path: Path) -> None:
    tier = built(tmp_path, CODE, CODE.replace("scale", "factor"))
    asked = query(tier, "return", "self", ".")
    assert {key for key, _ in tier.successors(asked, tier.excluded("1.py"))} == {"scale"}
    assert tier.count("factor", tier.excluded("1.py")) == 0
    assert tier.beginning("fac", 5, tier.excluded("1.py")) == []
    assert tier.beginning("fac", 5, tier.excluded("0.py")) == ["factor"]


def test_exact_counts_of_what_follows(tmp_path: Path) -> None:
    tier = built(tmp_path, CODE, CODE.replace("scale", "factor"))
    assert tier.followers(("def",), (), 9) == {"area": 2, "edge": 2}
    assert tier.followers((".", "self"), (), 9) == {"scale": 1, "factor": 1}
    assert tier.followers((".", "self"), tier.excluded("1.py"), 9) == {"scale": 1}
    assert tier.followers(("nowhere",), (), 9) == {}
    assert sum(tier.followers(("\n",), (), 2).values()) <= 12


def test_what_stands_after_tokens_at_one_place(tmp_path: Path) -> None:
    tier = built(tmp_path, CODE)
    assert tier.following(("area", "def"), (), 5) == ["(", "self", ",", "width", ")"]
    assert tier.following(("area", "def"), tier.excluded("0.py"), 5) == []


def test_which_words_stand_in_code(tmp_path: Path) -> None:
    tier = built(tmp_path, CODE, 'def rim(self):  # the girth\n    """A hoop."""\n')
    assert [tier.in_code(word) for word in ("scale", "rim", "girth", "hoop", "else")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    update_tier([("1.py", "python", "girth = rim()  # scale, flange\n")], [], tmp_path)
    tier = ProjectTier.load(tmp_path)
    assert [tier.in_code(word) for word in ("scale", "girth", "flange")] == [True, True, False]
    update_tier([("2.py", "python", "flange = 1\n")], [], tmp_path, purge=True)
    tier = ProjectTier.load(tmp_path)
    assert [tier.in_code(word) for word in ("scale", "girth", "flange")] == [True, True, True]


@given(st.lists(st.text(alphabet="ab.\n (", max_size=40), max_size=4))
def test_all_successors_of_every_short_context(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    tier = built(tmp_path_factory.mktemp("tier"), *texts)
    for key in words_of(tier)[:5]:
        found = tier.successors(query(tier, "~", key), (0, 0))
        assert len(found) >= min(1, tier.count(key, (0, 0)))
        assert all(0 < match <= DEPTH for _, match in found)


def test_lone_surrogates_survive(tmp_path: Path) -> None:
    tier = built(tmp_path, "x = '\ud800\udfff \ud800'\n")
    assert any("\ud800" in word for word in words_of(tier))


@pytest.mark.parametrize("texts", [(), ("",), ("\0binary\n",), ("y" * 3_000_000,), ("a\r\nb\r\n",)])
def test_odd_projects_can_be_asked(tmp_path: Path, texts: tuple[str, ...]) -> None:
    tier = built(tmp_path, *texts)
    tier.successors(query(tier, "a", "\n"), tier.excluded("0.py"))
    tier.votes(0, tier.excluded("0.py"))
    assert tier.beginning("zz", 3, (0, 0)) == []


def test_a_rebuild_replaces_it_and_readers_keep_theirs(tmp_path: Path) -> None:
    old = built(tmp_path, CODE)
    new = built(tmp_path, CODE.replace("scale", "factor"))
    assert "factor" not in words_of(old)
    assert "factor" in words_of(new)
    assert old.successors(query(old, "self", "."), (0, 0))


def damage(path: Path, kind: str) -> None:
    raw = path.read_bytes()
    if kind == "cut short":
        raw = raw[:-100]
    elif kind == "another version":
        raw = b"FHT\x00" + raw[4:]
    elif kind == "damaged":
        raw = raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:]
    else:
        raw = b""
    path.with_suffix(".new").write_bytes(raw)
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize("kind", ["cut short", "another version", "damaged", "empty"])
def test_a_corrupt_tier_says_why(tmp_path: Path, kind: str) -> None:
    build_tier([("a.py", "python", CODE)], tmp_path)
    damage(file_of(tmp_path), kind)
    with pytest.raises(CorruptTier, match=kind if kind != "empty" else "empty file"):
        ProjectTier.load(tmp_path)


def test_a_missing_file_is_a_corrupt_tier(tmp_path: Path) -> None:
    build_tier([("a.py", "python", CODE)], tmp_path)
    file_of(tmp_path).unlink()
    with pytest.raises(CorruptTier):
        ProjectTier.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        ProjectTier.load(tmp_path / "nowhere")
