import numpy as np
import pytest

from firsthand.matrix import product


@pytest.mark.parametrize("count", [0, 1, 499, 5_000])
def test_parts_make_the_whole(count: int) -> None:
    make = np.random.default_rng(count)
    rows = make.normal(size=(count, 20)).astype(np.float32)
    weights = make.normal(size=(20, 30)).astype(np.float32)
    assert product(rows, weights) == pytest.approx(rows @ weights, rel=1e-3, abs=1e-4)
