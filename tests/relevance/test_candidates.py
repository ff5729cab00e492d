import numpy as np
from tests.relevance.store import VIEW, kin_of, place_of

from firsthand.relevance.candidates import Candidates
from firsthand.relevance.nearby import Kin
from firsthand.relevance.ranker import OF_FILE, RANKS, fitted


def test_names_are_numbered_as_they_are_met() -> None:
    candidates = Candidates(kin_of("store = 1\n"), fitted())
    count = len(candidates.names)
    assert candidates.rows(["new_one", "store", "get", "new_one"]).tolist() == [
        count,
        -1,
        candidates.names.index("get"),
        count,
    ]
    assert candidates.others(["store", "new_one"]).tolist() == [count]
    assert len(candidates.told) == count
    candidates.settle(VIEW)
    assert len(candidates.told) == len(candidates.brevity) == count + 1


def test_a_name_is_found_by_its_words() -> None:
    candidates = Candidates(kin_of("x = 1\n"), fitted())
    names = {candidates.names[number] for number in candidates.words["store"]}
    assert names == {"Store", "open_store", "store"}
    brevity = dict(zip(candidates.names, candidates.brevity.tolist(), strict=True))
    assert brevity["store"] == brevity["Store"] > brevity["open_store"]


def test_there_is_room_for_so_many_names_and_no_more() -> None:
    ranked = {
        source: {f"{source}_{number}": number + 1.0 for number in range(RANKS + 9)}
        for source in OF_FILE
    }
    kin = Kin(ranked, {}, frozenset(), 9, "python")
    candidates = Candidates(kin, fitted())
    assert len(candidates.names) == 8_000
    first = OF_FILE[0]
    order, _ = candidates.said[first]
    assert candidates.names[order[0]] == f"{first}_{RANKS + 8}"
    assert candidates.names[order[-1]] == f"{first}_9"
    assert len(candidates.said[OF_FILE[-1]][0]) == 0
    assert candidates.rows(["one_more"]).tolist() == [-1]
    place, _ = place_of("║")
    scores, _ = candidates.scores(place, {})
    assert np.isfinite(scores).all()
