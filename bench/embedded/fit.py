"""Fit the mixer's weights on the tuning projects."""

from __future__ import annotations

import numpy as np
import torch
from bench.embedded.places import Array, Places
from bench.embedded.prior import DEVICE, Vocabulary, Weights, spread, summed

from firsthand.embedded.evidence import EXACT, GLOBAL, PLACED, WIDTH
from firsthand.embedded.kinds import KINDS
from firsthand.embedded.sources import BINS, CELLS, FACTS

_BATCH = 256
# What takes most room, and into how many steps it is cut.
_STEPS = {"vectors": 8, "trail": 15, "rows": 127, "context": 127, "pairs": 127, "ahead": 127}
# At this share of the places project and library are left out, as where all is new.
_LOST = 0.12
_CELLS_LOST = [source * BINS + cell for source in (2, 3, 5) for cell in range(BINS)]
_EXACT_FROM = 2 * CELLS + FACTS + PLACED
_NUMBERS_LOST = [
    *_CELLS_LOST,
    *(CELLS + cell for cell in _CELLS_LOST),
    *(2 * CELLS + fact for fact in (6, 7)),  # how often the word stands there
    *range(_EXACT_FROM - 6, _EXACT_FROM),  # pairs of a typed stem's words
    *range(_EXACT_FROM + EXACT // 3, _EXACT_FROM + EXACT),
]


def fit(
    places: Places, prior: Weights, hidden: int, epochs: int, seed: int = 1
) -> dict[str, Array]:
    """Weights of the mixer, by Adam on the cross entropy of the true candidates.

    Of the prior (see `prior.fit_prior`) the vectors, and how the trail is read, stay as they are:
    it was fitted on other projects, so what it says here is as good as it will be anywhere.
    """
    make = torch.Generator().manual_seed(seed)

    def drawn(*shape: int, scale: float = 0.0) -> torch.Tensor:
        scale = scale or 0.3 / np.sqrt(shape[0])
        return (torch.randn(*shape, generator=make) * scale).to(DEVICE).requires_grad_()

    middle = prior["ahead"].shape[0]
    weights = {
        "rows": drawn(WIDTH, hidden),
        "context": drawn(GLOBAL, hidden),
        "pairs": drawn(KINDS * KINDS, hidden),
        "second": drawn(KINDS, hidden),
        "out": drawn(hidden, scale=0.3),
        "trail_context": drawn(GLOBAL, middle, scale=0.05),
        "trail_bias": prior["trail_bias"].to(DEVICE, copy=True).requires_grad_(),
        "ahead": prior["ahead"].to(DEVICE, copy=True).requires_grad_(),
        "shared": drawn(middle, hidden, scale=0.02),
    }
    ready = _Prepared(places, prior)
    adam = torch.optim.Adam(list(weights.values()))
    rng = np.random.default_rng(seed)
    count, step = len(places.right), 0
    total = epochs * -(-count // _BATCH)
    for epoch in range(epochs):
        losses = []
        for chosen in np.array_split(rng.permutation(count), -(-count // _BATCH)):
            step += 1
            adam.param_groups[0]["lr"] = 3e-3 * min(1, step / 100) * (1 - step / (total + 1)) + 1e-5
            lost = torch.from_numpy(rng.random(len(chosen)) < _LOST).to(DEVICE)
            loss = -ready.chances(weights, torch.from_numpy(chosen).to(DEVICE), lost).mean()
            pull = sum((weight * weight).sum() for weight in weights.values())
            adam.zero_grad()
            (loss + 1e-5 * pull).backward()
            adam.step()
            losses.append(loss.detach())
        print(f"epoch {epoch + 1}: cross entropy {torch.stack(losses).mean():.4f}", flush=True)
    return packed({name: weight.detach().cpu() for name, weight in weights.items()}, prior)


def packed(weights: Weights, prior: Weights) -> dict[str, Array]:
    """The weights as `mixer.fitted` reads them: in half precision, the many in steps."""
    joined = {
        **{name: weights[name] for name in ("rows", "context", "pairs", "second", "out")},
        "vectors": torch.cat((prior["vectors"], prior["bias"][:, None]), 1),
        "trail": torch.cat((prior["trail"], weights["trail_context"])),
        "trail_bias": weights["trail_bias"],
        "ahead": torch.cat((weights["ahead"], weights["shared"]), 1),
    }
    arrays = {name: weight.numpy().astype(np.float16) for name, weight in joined.items()}
    for name, most in _STEPS.items():
        arrays[name], arrays[f"{name}_steps"] = in_steps(arrays[name], most)
    return arrays


def in_steps(rows: Array, most: int) -> tuple[Array, Array]:
    """(rows, columns) numbers as whole numbers of a step for each row, at most `most` of them."""
    numbers = rows.astype(np.float32)
    steps = (np.abs(numbers).max(axis=1) / most).astype(np.float16)
    steps[steps == 0] = 1
    whole = np.rint(numbers / steps.astype(np.float32)[:, None])
    return whole.clip(-most, most).astype(np.int8), steps


class _Prepared:
    """Places with the vectors of their tokens looked up."""

    def __init__(self, places: Places, prior: Weights) -> None:
        def there(array: Array) -> torch.Tensor:
            return torch.from_numpy(array).to(DEVICE)

        self._prior = {name: weight.to(DEVICE) for name, weight in prior.items()}
        which, share = Vocabulary.of(places.vocabulary).hashed(len(prior["vectors"]))
        self._vectors = summed(self._prior["vectors"], which, share)
        self._bias = (self._prior["bias"][which] * share).sum(-1)
        self._rows, self._kinds = there(places.rows), there(places.kinds.astype(np.int64))
        self._contexts, self._before = there(places.contexts), there(places.before.astype(np.int64))
        self._first, self._right = there(places.first), there(places.right)
        self._keys, self._trails = there(places.keys), there(places.trails)
        self._cells_lost = there(np.array(_CELLS_LOST))
        self._numbers_lost = there(np.array(_NUMBERS_LOST))

    def chances(self, weights: Weights, chosen: torch.Tensor, lost: torch.Tensor) -> torch.Tensor:
        """Log probabilities of the true candidates.

        Args:
            weights: of the mixer.
            chosen: which places.
            lost: for each, whether project and library are left out.
        """
        count = len(chosen)
        lengths = self._first[chosen + 1] - self._first[chosen]
        starts = lengths.cumsum(0) - lengths
        mine = torch.repeat_interleave(torch.arange(count, device=chosen.device), lengths)
        index = torch.arange(len(mine), device=chosen.device) + (self._first[chosen] - starts)[mine]
        before = self._before[chosen]
        context = self._contexts[chosen]
        context[:, self._cells_lost] *= ~lost[:, None]
        middle = torch.relu(
            spread(self._vectors, self._trails[chosen]) @ self._prior["trail"]
            + context @ weights["trail_context"]
            + weights["trail_bias"]
        )
        ahead = middle @ weights["ahead"]
        shared = context @ weights["context"] + middle @ weights["shared"]
        shared = shared + weights["second"][before[:, 1]]
        pair = before[mine, 0] * KINDS + self._kinds[index]
        numbers = self._rows[index].float()
        numbers[:, self._numbers_lost] *= ~lost[mine][:, None]
        hidden = torch.relu(numbers @ weights["rows"] + weights["pairs"][pair] + shared[mine])
        keys = self._keys[index]
        scores = hidden @ weights["out"] + (self._vectors[keys] * ahead[mine]).sum(1)
        scores = scores + self._bias[keys]
        most = torch.full((count,), -1e30, device=scores.device)
        most = most.scatter_reduce(0, mine, scores.detach(), "amax")
        sums = torch.zeros(count, device=scores.device)
        sums = sums.index_add(0, mine, (scores - most[mine]).exp())
        right = scores[self._right[chosen] - self._first[chosen] + starts] - most
        return right - sums.log()
