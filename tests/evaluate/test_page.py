"""The page is well-formed and needs nothing from elsewhere."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from firsthand.evaluate import Evaluation
from firsthand.evaluate.evaluation import Typed
from firsthand.evaluate.page import page
from firsthand.evaluate.replay import Shown
from firsthand.evaluate.replay import Typed as Line
from firsthand.evaluate.tally import Tally
from firsthand.fault import CommandFault
from firsthand.terminal import write_page


def tally() -> Tally:
    found = Tally(met=[(0.1, False), (0.9, True), (1.0, True)], cpu=[0, 40_000, 900_000, 10**9])
    found.count("one = two")
    found.ranks["all"] += [1, 2, 99]
    found.rests["any"].append(True)
    for aggression in (0.1, 0.5, 1.0):
        found.replay(aggression).add(Line((Shown(0, "one", True), Shown(3, "x", False)), (), 2))
    return found


def evaluation(*files: Typed, drawn: int = 2) -> Evaluation:
    return Evaluation("/a <b> & c", 3, 2, {"binary": 1}, "", 1, drawn, 0.5, files)


CASES = {
    "usual": evaluation(Typed("a.py", "python", tally()), Typed("<b>&.go", "go", tally())),
    "interrupted": evaluation(Typed("a.py", "python", tally()), drawn=9),
    "nothing shown": evaluation(Typed("a.py", "python", Tally(lines=2, keys=5))),
    "many files": evaluation(*[Typed(f"{name}.py", "python", tally()) for name in range(99)]),
}


def elements(text: str) -> ElementTree.Element:
    doctype, _, rest = text.partition("\n")
    assert doctype == "<!DOCTYPE html>"
    return ElementTree.fromstring(rest)


@pytest.mark.parametrize("found", CASES.values(), ids=CASES)
def test_the_page_is_whole_and_alone(found: Evaluation) -> None:
    text = page(found)
    root = elements(text)
    tags = {element.tag for element in root.iter()}
    assert not tags & {"script", "link", "iframe", "img", "object", "embed", "use", "image"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not names & {"src", "href", "style", "onload", "srcset", "action"}
    assert not re.search(r"https?:|url\(|@import|@font-face", text)
    assert len(root.findall(".//figure")) == 4
    assert len(root.findall(".//svg[@role='img']")) == 3


def test_names_are_escaped_and_figures_said() -> None:
    root = elements(page(CASES["usual"]))
    text = "".join(root.itertext())
    assert "/a <b> & c: typed 2 lines of 2 files" in text
    assert "<b>&.go" in text
    assert "20 %of the keys saved" in text  # 2 x 2 characters of 2 x 10 keys
    assert "50 %of what was shown was right" in text


def test_interruption_and_what_is_left_out_are_said() -> None:
    assert "Interrupted: 9 lines were drawn." in page(CASES["interrupted"])
    assert "39 files with fewer lines are left out here." in page(CASES["many files"])


def test_all_drawn_is_inside_its_frame() -> None:
    root = elements(page(CASES["usual"]))
    for svg in root.findall(".//svg[@role='img']"):
        _, _, width, height = map(float, svg.attrib["viewBox"].split())
        for element in svg.iter("circle"):
            assert 0 <= float(element.attrib["cx"]) <= width
            assert 0 <= float(element.attrib["cy"]) <= height
        for element in svg.iter("rect"):
            assert float(element.attrib["height"]) >= 0
            assert float(element.attrib["x"]) + float(element.attrib["width"]) <= width


def test_a_path_that_is_no_text_is_written(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    write_page(file, page(evaluation(Typed("caf\udce9.py", "python", tally()))))
    assert "caf\\udce9.py" in file.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandFault, match=r"can't be written \(.+\): name another file"):
        write_page(tmp_path, page(CASES["usual"]))
