"""The table of templates, checked by what must hold for every entry, and each layout by example."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsthand.core.fim import (
    TEMPLATES,
    Hole,
    Template,
    detect,
    ends,
    halves,
    render,
    shortened,
    special_tokens,
    stem,
)

HOLE = Hole("def add(a, b):\n    return ", "\n\nprint(add(1, 2))\n", "src/add.py", "demo")
OTHERS = Hole(HOLE.prefix, HOLE.suffix, HOLE.path, HOLE.repository, (("src/two.py", "TWO = 2\n"),))
IN_PYTHON = replace(OTHERS, comment="#")
COMMENTED = "# src/two.py\n# TWO = 2\n"
P, S = HOLE.prefix, HOLE.suffix

every_template = pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda each: each.name)
fragments = st.sampled_from(
    sorted({each for template in TEMPLATES.values() for each in template.control})
).flatmap(lambda token: st.integers(0, len(token)).map(lambda cut: token[:cut]))
code = st.lists(st.one_of(fragments, st.text(max_size=8)), max_size=6).map("".join)
holes = st.builds(
    Hole, code, code, code, code, st.lists(st.tuples(code, code), max_size=2).map(tuple)
)


def check(name: str, alone: str, among_others: str) -> None:
    template = TEMPLATES[name]
    assert render(template, HOLE).text == alone
    assert render(template, OTHERS).text == among_others


def test_qwen() -> None:
    block = f"<|fim_prefix|>{P}<|fim_suffix|>{S}<|fim_middle|>"
    files = "<|repo_name|>demo\n<|file_sep|>src/two.py\nTWO = 2\n\n<|file_sep|>src/add.py\n"
    check("qwen", block, files + block)


def test_codegemma() -> None:
    block = f"<|fim_prefix|>{P}<|fim_suffix|>{S}<|fim_middle|>"
    check("codegemma", block, f"src/two.py\nTWO = 2\n<|file_separator|>src/add.py\n{block}")


def test_deepseek() -> None:
    check(
        "deepseek",
        f"<｜fim▁begin｜>{P}<｜fim▁hole｜>{S}<｜fim▁end｜>",
        f"<｜fim▁begin｜>#src/two.py\nTWO = 2\n\n#src/add.py\n{P}<｜fim▁hole｜>{S}<｜fim▁end｜>",
    )


def test_starcoder2() -> None:
    check(
        "starcoder2",
        f"<fim_prefix>{P}<fim_suffix>{S}<fim_middle>",
        "<repo_name>demo<file_sep>src/two.py\nTWO = 2\n"
        f"<file_sep><fim_prefix>src/add.py\n{P}<fim_suffix>{S}<fim_middle>",
    )


def test_mellum() -> None:
    block = f"<filename>src/add.py\n<fim_suffix>{S}<fim_prefix>{P}<fim_middle>"
    check("mellum", block, f"<filename>src/two.py\nTWO = 2\n\n{block}")


def test_codestral() -> None:
    check(
        "codestral",
        f"[SUFFIX]{S}[PREFIX]{P}",
        f"[SUFFIX]{S}[PREFIX]+++++ src/two.py\nTWO = 2\n\n\n+++++ src/add.py\n{P}",
    )


def test_zeta_writes_the_cursors_line_again() -> None:
    before, after = "def add(a, b):\n", "\nprint(add(1, 2))\n"
    region = "<<<<<<< CURRENT\n    return <|user_cursor|>\n=======\n"
    check(
        "zeta-2",
        f"<[fim-suffix]>\n{after}<[fim-prefix]><filename>src/add.py\n{before}{region}<[fim-middle]>",
        f"<[fim-suffix]>\n{after}<[fim-prefix]><filename>src/two.py\nTWO = 2\n\n"
        f"<filename>src/add.py\n{before}{region}<[fim-middle]>",
    )
    assert render(TEMPLATES["zeta-2"], HOLE).lead == "    return "
    assert render(TEMPLATES["zeta-2"], HOLE, heal="n ").lead == "    return "


def test_families_that_were_never_shown_several_files() -> None:
    for name, block in {
        "codellama": f"<PRE> {P} <SUF>{S} <MID>",
        "granite": f"<fim_prefix>{P}<fim_suffix>{S}<fim_middle>",
        "granite-4": f"<|fim_prefix|>{P}<|fim_suffix|>{S}<|fim_middle|>",
        "starcoder": f"<fim_prefix>{P}<fim_suffix>{S}<fim_middle>",
        "seed-coder": f"<[fim-suffix]>{S}<[fim-prefix]>{P}<[fim-middle]>",
        "glm": f"<|code_prefix|>{P}<|code_suffix|>{S}<|code_middle|>",
    }.items():
        check(name, block, block)
        assert not TEMPLATES[name].several_files


def test_a_family_that_was_never_shown_several_files_reads_the_others_as_comments() -> None:
    prompt = render(TEMPLATES["starcoder"], IN_PYTHON).text
    assert prompt == f"<fim_prefix>{COMMENTED}{P}<fim_suffix>{S}<fim_middle>"


def test_every_layout_is_checked_above() -> None:
    assert len(TEMPLATES) == 13


@every_template
@settings(max_examples=40)
@given(hole=holes)
def test_a_persons_text_never_becomes_a_control_token(template: Template, hole: Hole) -> None:
    bare = Hole(
        "",
        "",
        "x" if hole.path else "",
        "x" if hole.repository else "",
        tuple(("x", "") for _ in hole.snippets),
    )
    prompt, expected = render(template, hole).text, render(template, bare).text
    for token in template.control:
        assert prompt.count(token) == expected.count(token), token


@every_template
@settings(max_examples=40)
@given(prefix=st.text(), suffix=st.text())
def test_ordinary_text_goes_out_as_it_is(template: Template, prefix: str, suffix: str) -> None:
    if any(token in text for token in template.control for text in (prefix, suffix)):
        return
    prompt = render(template, Hole(prefix, suffix)).text
    assert prompt.endswith(template.middle)
    if template.rewrites:
        cut = prefix.rfind("\n") + 1
        rest, _, below = suffix.partition("\n")
        opening, cursor, closing = template.region
        assert prefix[:cut] + opening + prefix[cut:] + cursor + rest + closing in prompt
        assert template.suffix + below in prompt
        return
    assert template.prefix + prefix in prompt
    assert template.suffix + suffix in prompt


@every_template
@settings(max_examples=40)
@given(suffix=st.text(max_size=20), more=st.text(max_size=5))
def test_typing_leaves_what_was_sent_before_it_unchanged(
    template: Template, suffix: str, more: str
) -> None:
    """What a server's prompt cache lives on: a longer prefix changes nothing that comes first."""
    before = render(template, Hole("x = ", suffix)).text
    after = render(template, Hole("x = " + more, suffix)).text
    start = template.prefix + ("" if template.rewrites and "\n" in more else template.region[0])
    start += "" if template.rewrites and "\n" in more else "x = "
    same = before[: before.index(start) + len(start)]
    assert after.startswith(same)
    assert not template.suffix_first or before.index(template.suffix) < before.index("x = ")


@every_template
def test_each_template_is_found_by_its_tokens_alone(template: Template) -> None:
    found = detect("ggml-model-q8_0.gguf", template.tokens)
    assert found is not None
    assert render(found, Hole("a", "b")).text in (
        render(template, Hole("a", "b")).text,
        "<fim_prefix>a<fim_suffix>b<fim_middle>",
        "<[fim-suffix]>b<[fim-prefix]>a<[fim-middle]>",
    )
    assert template.tokens <= special_tokens()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("Qwen/Qwen2.5-Coder-1.5B", "qwen"),
        ("qwen2.5-coder:7b-base-q4_K_M", "qwen"),
        ("/models/qwen2.5_coder_3b.Q8_0.gguf", "qwen"),
        ("C:\\models\\Qwen3-Coder-30B-A3B.gguf", "qwen"),
        ("deepseek-coder-v2:16b", "deepseek"),
        ("deepseek-ai/deepseek-coder-6.7b-base", "deepseek"),
        ("starcoder2:3b", "starcoder2"),
        ("bigcode/starcoder", "starcoder"),
        ("codellama:7b-code", "codellama"),
        ("CodeLlama-13b-hf", "codellama"),
        ("codestral:22b", "codestral"),
        ("codegemma:2b", "codegemma"),
        ("granite-code:3b", "granite"),
        ("ibm-granite/granite-3.3-2b-base", "granite"),
        ("granite-4.0-h-tiny", "granite-4"),
        ("Seed-Coder-8B-Base", "seed-coder"),
        ("JetBrains/Mellum-4b-base", "mellum"),
        ("GLM-4.5-Air", "glm"),
        ("zed-industries/zeta-2", "zeta-2"),
        ("zed-industries/zeta-2.1", None),
        ("Qwen3-Coder-Next-Q4_K_M.gguf", "qwen"),
        ("codestral-embed", None),
        ("codestral-mamba-latest", None),
        ("llama-3.2-3b", None),
        ("codegemma-7b-it", None),
        ("qwen3:8b", None),
        ("", None),
    ],
)
def test_detection_by_name(model: str, name: str | None) -> None:
    found = detect(model)
    assert (found.name if found else None) == name


def test_a_name_is_not_believed_against_the_tokenizer() -> None:
    tokens = TEMPLATES["deepseek"].tokens
    assert detect("qwen2.5-coder", frozenset()) is None
    assert detect("qwen2.5-coder", tokens) is TEMPLATES["deepseek"]


@every_template
def test_entries_are_whole(template: Template) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", template.name)
    assert len({template.prefix, template.suffix, template.middle}) == 3
    assert all(stop == stop.strip() and stop in template.control for stop in template.stops)
    assert {template.prefix.strip(), template.suffix.strip()} <= set(template.stops)
    assert len(set(template.stops)) == len(template.stops)


# Words in the middle


@every_template
@settings(max_examples=40)
@given(prefix=code, heal=st.text("abc_ .(", max_size=6))
def test_a_word_that_is_healed_is_left_to_the_answer(
    template: Template, prefix: str, heal: str
) -> None:
    whole, prompt = Hole(prefix + heal, "\n"), render(template, Hole(prefix + heal, "\n"), heal)
    assert (prefix + heal).endswith(prompt.lead)
    if template.rewrites:
        assert prompt == render(template, whole)
    else:
        assert prompt.lead == heal
        assert prompt.text == render(template, Hole(prefix, "\n")).text


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("    retu", " retu"),
        ("\tretu", "\tretu"),
        ("self.na", ".na"),
        ("f(x", "(x"),
        ("x = 1\nre", "re"),
        ("re", "re"),
        ("größ", "größ"),
        ("x = ", ""),
        ("f(", ""),
        ("", ""),
        ("x" * 50, ""),
        (" " + "x" * 39, " " + "x" * 39),
    ],
)
def test_where_a_word_begins(prefix: str, expected: str) -> None:
    assert stem(prefix) == expected


# For servers that put the template around the text themselves


def test_halves() -> None:
    assert halves(None, OTHERS) == (P, S)
    assert halves(TEMPLATES["qwen"], OTHERS) == (P, S)
    assert halves(None, IN_PYTHON) == (COMMENTED + P, S)
    assert halves(TEMPLATES["qwen"], IN_PYTHON) == (COMMENTED + P, S)
    inside = "+++++ src/two.py\nTWO = 2\n\n\n+++++ src/add.py\n"
    assert halves(TEMPLATES["codestral"], OTHERS) == (inside + P, S)
    assert halves(TEMPLATES["codestral"], Hole("[PREFIX]", "</s>")) == ("[ PREFIX]", "< /s>")


def test_ends_of_models_that_are_not_known() -> None:
    assert {"<|endoftext|>", "<|fim_pad|>", "<｜end▁of▁sentence｜>"} <= set(ends())
    assert not {"</s>", "<s>", "<EOT>"} & set(ends())


# Too long


@given(
    prefix=st.text("ab\n", max_size=60),
    suffix=st.text("ab\n", max_size=60),
    snippets=st.lists(st.tuples(st.just("a"), st.text("ab", max_size=30)), max_size=3),
    most=st.integers(0, 150),
)
def test_a_shorter_hole(
    prefix: str, suffix: str, snippets: list[tuple[str, str]], most: int
) -> None:
    hole = Hole(prefix, suffix, "p", "r", tuple(snippets))
    shorter = shortened(hole, most)
    assert shorter.size <= most
    assert hole.size > most or shorter == hole
    assert prefix.endswith(shorter.prefix)
    assert suffix.startswith(shorter.suffix)
    assert hole.snippets[: len(shorter.snippets)] == shorter.snippets


def test_a_shorter_prefix_begins_at_the_same_line_for_many_keys() -> None:
    text = "".join(f"line = {number}\n" for number in range(100))
    holes = [shortened(Hole(text + "x" * keys, "\n"), 800) for keys in range(150)]
    starts = {hole.prefix[:10] for hole in holes}
    assert len(starts) <= 2
    assert all(start.startswith("line = ") for start in starts)
    assert all(500 < len(hole.prefix) <= 800 for hole in holes)
