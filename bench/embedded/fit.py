"""Fit the mixer's weights on the tuning projects."""

from __future__ import annotations

import numpy as np
import torch
from bench.embedded.places import Array, Places
from bench.embedded.prior import DEVICE, Vocabulary, Weights, spread, summed
from torch.nn.functional import dropout

from firsthand.embedded.evidence import EXACT, GLOBAL, PLACED, WIDTH
from firsthand.embedded.facts import FACTS
from firsthand.embedded.kinds import KINDS, is_name
from firsthand.embedded.sources import BINS, CELLS

_BATCH = 256
# What takes most room, and into how many steps it is cut.
_STEPS = {"vectors": 8, "trail": 31, "rows": 127, "context": 127, "pairs": 127, "ahead": 127}
_RATE, _SLOWER = 2e-3, 0.2
_DROPPED = 0.2  # of the units, at each place
_NAMES = 1.6  # what a place counts where a name is right, another one 1
# What is kept small, and what the prior knew and so moves slowly.
_PULLED = (
    *("rows", "context", "pairs", "second", "out"),
    *("trail", "trail_context", "trail_bias", "ahead", "shared"),
)
_SLOW = ("vectors", "bias", "trail")
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


def fit(places: Places, begun: Weights, epochs: int, seed: int = 1) -> dict[str, Array]:
    """Weights of the mixer, by Adam on the cross entropy of the true candidates.

    The prior (see `prior.fit_prior`) was fitted on other projects; its vectors, and how the trail
    is read, move at a fifth of the rate of the rest.

    Args:
        places: to fit on.
        begun: what to begin with, by `drawn` or `fitted_before`.
        epochs: how often each place is seen.
        seed: for the order of the places.
    """
    weights = {name: it.to(DEVICE, copy=True).requires_grad_() for name, it in begun.items()}
    ready = _Prepared(places, len(begun["vectors"]))
    slow = [weights.pop(name) for name in _SLOW]
    adam = torch.optim.Adam([{"params": list(weights.values())}, {"params": slow}])
    weights |= zip(_SLOW, slow, strict=True)
    rng = np.random.default_rng(seed)
    count, step = len(places.right), 0
    total = epochs * -(-count // _BATCH)
    for epoch in range(epochs):
        losses = []
        for chosen in np.array_split(rng.permutation(count), -(-count // _BATCH)):
            step += 1
            rate = _RATE * min(1, step / 100) * (1 - step / (total + 1)) + 1e-5
            adam.param_groups[0]["lr"], adam.param_groups[1]["lr"] = rate, _SLOWER * rate
            lost = torch.from_numpy(rng.random(len(chosen)) < _LOST).to(DEVICE)
            which = torch.from_numpy(chosen).to(DEVICE)
            chances = ready.chances(_in_steps(weights), which, lost)
            loss = -(chances * ready.worth[which]).mean()
            pull = sum((weights[name] ** 2).sum() for name in _PULLED)
            adam.zero_grad()
            (loss + 1e-5 * pull).backward()
            adam.step()
            losses.append(loss.detach())
        print(f"epoch {epoch + 1}: cross entropy {torch.stack(losses).mean():.4f}", flush=True)
    return packed({name: weight.detach().cpu() for name, weight in weights.items()})


def drawn(prior: Weights, hidden: int, seed: int = 1) -> Weights:
    """What to begin with: a prior, and the rest by chance."""
    make = torch.Generator().manual_seed(seed)

    def draw(*shape: int, scale: float = 0.0) -> torch.Tensor:
        scale = scale or 0.3 / np.sqrt(shape[0])
        return torch.randn(*shape, generator=make) * scale

    middle = prior["ahead"].shape[0]
    return {
        **prior,
        "rows": draw(WIDTH, hidden),
        "context": draw(GLOBAL, hidden),
        "pairs": draw(KINDS * KINDS, hidden),
        "second": draw(KINDS, hidden),
        "out": draw(hidden, scale=0.3),
        "trail_context": draw(GLOBAL, middle, scale=0.05),
        "shared": draw(middle, hidden, scale=0.02),
    }


def fitted_before(weights: dict[str, Array]) -> Weights:
    """What to begin with: a mixer's weights, as `mixer.fitted` has them. Undoes `packed`."""
    return _apart(
        {name: torch.from_numpy(each.astype(np.float32)) for name, each in weights.items()}
    )


def packed(weights: Weights) -> dict[str, Array]:
    """The weights as `mixer.fitted` reads them: in half precision, the many in steps."""
    arrays = {name: each.numpy().astype(np.float16) for name, each in _joined(weights).items()}
    for name, most in _STEPS.items():
        arrays[name], arrays[f"{name}_steps"] = in_steps(arrays[name], most)
    return arrays


def _in_steps(weights: Weights) -> Weights:
    """The weights as they will be once they are packed; their slopes are those of the whole ones.

    So the fit makes up for what the steps take (quantisation-aware training with straight-through
    slopes: Y. Bengio and others, 2013).
    """
    joined = _joined(weights)
    for name, most in _STEPS.items():
        rows = joined[name]
        whole = rows.detach()
        steps = whole.abs().amax(1, keepdim=True) / most
        steps[steps == 0] = 1
        joined[name] = rows + ((whole / steps).round() * steps - whole)
    return _apart(joined)


def _joined(weights: Weights) -> Weights:
    """The weights as a mixer has them."""
    return {
        **{name: weights[name] for name in ("rows", "context", "pairs", "second", "out")},
        "vectors": torch.cat((weights["vectors"], weights["bias"][:, None]), 1),
        "trail": torch.cat((weights["trail"], weights["trail_context"])),
        "trail_bias": weights["trail_bias"],
        "ahead": torch.cat((weights["ahead"], weights["shared"]), 1),
    }


def _apart(joined: Weights) -> Weights:
    """Undoes `_joined`."""
    vectors, trail, ahead = joined["vectors"], joined["trail"], joined["ahead"]
    size = vectors.shape[1] - 1
    return {
        **{name: joined[name] for name in ("rows", "context", "pairs", "second", "out")},
        "vectors": vectors[:, :size].contiguous(),
        "bias": vectors[:, size].contiguous(),
        "trail": trail[:-GLOBAL],
        "trail_context": trail[-GLOBAL:],
        "trail_bias": joined["trail_bias"],
        "ahead": ahead[:, :size],
        "shared": ahead[:, size:],
    }


def in_steps(rows: Array, most: int) -> tuple[Array, Array]:
    """(rows, columns) numbers as whole numbers of a step for each row, at most `most` of them."""
    numbers = rows.astype(np.float32)
    steps = (np.abs(numbers).max(axis=1) / most).astype(np.float16)
    steps[steps == 0] = 1
    whole = np.rint(numbers / steps.astype(np.float32)[:, None])
    return whole.clip(-most, most).astype(np.int8), steps


class _Prepared:
    """Places, and of their tokens the rows whose sum is their vector.

    Attributes:
        worth: (places,) what each counts; 1 in the mean.
    """

    def __init__(self, places: Places, buckets: int) -> None:
        def there(array: Array) -> torch.Tensor:
            return torch.from_numpy(array).to(DEVICE)

        self._which, self._share = Vocabulary.of(places.vocabulary).hashed(buckets)
        rows = places.rows
        self._values, self._columns = there(rows.values), there(rows.columns)
        self._begins, self._kinds = there(rows.first), there(places.kinds.astype(np.int64))
        self._contexts, self._before = there(places.contexts), there(places.before.astype(np.int64))
        self._first, self._right = there(places.first), there(places.right)
        self._keys, self._trails = there(places.keys), there(places.trails)
        named = np.array([bool(key) and is_name(key) for key in places.vocabulary])
        known = places.right != places.first[:-1]
        worth = np.where(known & named[places.keys[places.right]], _NAMES, 1.0)
        self.worth = there((worth / worth.mean()).astype(np.float32))
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
        trails, keys, vectors, bias = self._vectors(weights, chosen, index)
        middle = torch.relu(
            spread(vectors, trails) @ weights["trail"]
            + context @ weights["trail_context"]
            + weights["trail_bias"]
        )
        middle = dropout(middle, _DROPPED)
        ahead = middle @ weights["ahead"]
        shared = context @ weights["context"] + middle @ weights["shared"]
        shared = shared + weights["second"][before[:, 1]]
        pair = before[mine, 0] * KINDS + self._kinds[index]
        numbers = self._numbers(index)
        numbers[:, self._numbers_lost] *= ~lost[mine][:, None]
        hidden = torch.relu(numbers @ weights["rows"] + weights["pairs"][pair] + shared[mine])
        # The same units for all candidates of a place.
        hidden = hidden * dropout(torch.ones_like(shared), _DROPPED)[mine]
        scores = hidden @ weights["out"] + (vectors[keys] * ahead[mine]).sum(1) + bias[keys]
        most = torch.full((count,), -1e30, device=scores.device)
        most = most.scatter_reduce(0, mine, scores.detach(), "amax")
        sums = torch.zeros(count, device=scores.device)
        sums = sums.index_add(0, mine, (scores - most[mine]).exp())
        right = scores[self._right[chosen] - self._first[chosen] + starts] - most
        return right - sums.log()

    def _numbers(self, index: torch.Tensor) -> torch.Tensor:
        """(candidates, WIDTH) the numbers of some candidates."""
        counts = self._begins[index + 1] - self._begins[index]
        rows = torch.repeat_interleave(torch.arange(len(index), device=index.device), counts)
        starts = self._begins[index] - (counts.cumsum(0) - counts)
        at = torch.arange(len(rows), device=index.device) + starts[rows]
        numbers = torch.zeros(len(index), WIDTH, device=index.device)
        numbers[rows, self._columns[at].long()] = self._values[at].float()
        return numbers

    def _vectors(
        self, weights: Weights, chosen: torch.Tensor, index: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        """The trails of places and their candidates as rows of vectors, the vectors, the biases."""
        trails, keys = self._trails[chosen].long(), self._keys[index].long()
        tokens, rows = torch.unique(torch.cat((trails.flatten(), keys)), return_inverse=True)
        which, share = self._which[tokens], self._share[tokens]
        vectors = summed(weights["vectors"], which, share)
        bias = (weights["bias"][which] * share).sum(-1)
        trails, keys = rows[: trails.numel()].view_as(trails), rows[trails.numel() :]
        return trails, keys, vectors, bias
