"""Fit the mixer's weights on the tuning projects."""

from __future__ import annotations

import numpy as np
import torch
from bench.embedded.places import Array, Places
from bench.embedded.prior import Vocabulary, Weights

from firsthand.embedded.evidence import EXACT, GLOBAL, PLACED, WIDTH
from firsthand.embedded.kinds import KINDS
from firsthand.embedded.sources import BINS, CELLS, FACTS

_BATCH = 256
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
        return (torch.randn(*shape, generator=make) * scale).requires_grad_()

    middle = prior["ahead"].shape[0]
    weights = {
        "rows": drawn(WIDTH, hidden),
        "context": drawn(GLOBAL, hidden),
        "pairs": drawn(KINDS * KINDS, hidden),
        "second": drawn(KINDS, hidden),
        "out": drawn(hidden, scale=0.3),
        "trail_context": drawn(GLOBAL, middle, scale=0.05),
        "trail_bias": prior["trail_bias"].clone().requires_grad_(),
        "ahead": prior["ahead"].clone().requires_grad_(),
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
            lost = rng.random(len(chosen)) < _LOST
            loss = -ready.chances(weights, chosen, lost)[0].mean()
            pull = sum((weight * weight).sum() for weight in weights.values())
            adam.zero_grad()
            (loss + 1e-5 * pull).backward()
            adam.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: cross entropy {np.mean(losses):.4f}", flush=True)
    return packed(weights, prior)


def packed(weights: Weights, prior: Weights) -> dict[str, Array]:
    """The weights as `mixer.fitted` reads them: in half precision, the vectors in a byte each."""
    joined = {
        **{name: weights[name] for name in ("rows", "context", "pairs", "second", "out")},
        "vectors": torch.cat((prior["vectors"], prior["bias"][:, None]), 1),
        "trail": torch.cat((prior["trail"], weights["trail_context"])),
        "trail_bias": weights["trail_bias"],
        "ahead": torch.cat((weights["ahead"], weights["shared"]), 1),
    }
    arrays = {name: weight.detach().numpy().astype(np.float16) for name, weight in joined.items()}
    return arrays | in_steps(arrays["vectors"])


def in_steps(vectors: Array) -> dict[str, Array]:
    """(rows, columns) vectors as whole numbers of a step for each row, at most 127 of them."""
    steps = (np.abs(vectors).max(axis=1) / 127).astype(np.float16)
    steps[steps == 0] = 1
    return {
        "vectors": np.rint(vectors / steps[:, None]).clip(-127, 127).astype(np.int8),
        "steps": steps,
    }


class _Prepared:
    """Places with the vectors of their tokens looked up."""

    def __init__(self, places: Places, prior: Weights) -> None:
        self.places = places
        self.prior = prior
        which, share = Vocabulary.of(places.vocabulary).hashed()
        parts = share[..., None]
        self.vectors = (torch.nn.functional.embedding(which, prior["vectors"]) * parts).sum(1)
        self.bias = (prior["bias"][which] * share).sum(-1)

    def chances(
        self, weights: Weights, chosen: Array, lost: Array
    ) -> tuple[torch.Tensor, torch.Tensor, Array]:
        """Log probabilities of the true candidates and of all; where each place starts.

        Args:
            weights: of the mixer.
            chosen: which places.
            lost: for each, whether project and library are left out.
        """
        places = self.places
        lengths = places.first[chosen + 1] - places.first[chosen]
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        owner = np.repeat(np.arange(len(chosen)), lengths)
        index = np.arange(lengths.sum()) - starts[owner] + places.first[chosen][owner]
        before = places.before[chosen].astype(np.int64)
        contexts = places.contexts[chosen]
        contexts[np.ix_(lost, np.array(_CELLS_LOST))] = 0
        context = torch.from_numpy(contexts)
        trail = self.vectors[torch.from_numpy(places.trails[chosen])].flatten(1)
        middle = torch.relu(
            trail @ self.prior["trail"] + context @ weights["trail_context"] + weights["trail_bias"]
        )
        ahead = middle @ weights["ahead"]
        shared = context @ weights["context"] + middle @ weights["shared"]
        shared = shared + weights["second"][torch.from_numpy(before[:, 1])]
        pair = torch.from_numpy(before[owner, 0] * KINDS + places.kinds[index])
        mine = torch.from_numpy(owner)
        numbers = places.rows[index].astype(np.float32)
        numbers[np.ix_(lost[owner], np.array(_NUMBERS_LOST))] = 0
        rows = torch.from_numpy(numbers)
        hidden = torch.relu(rows @ weights["rows"] + weights["pairs"][pair] + shared[mine])
        keys = torch.from_numpy(places.keys[index])
        scores = hidden @ weights["out"] + (self.vectors[keys] * ahead[mine]).sum(1)
        scores = scores + self.bias[keys]
        most = torch.full((len(chosen),), -1e30)
        most = most.scatter_reduce(0, mine, scores.detach(), "amax")
        scores = scores - most[mine]
        scores = scores - torch.zeros(len(chosen)).index_add(0, mine, scores.exp()).log()[mine]
        right = torch.from_numpy(places.right[chosen] - places.first[chosen] + starts)
        return scores[right], scores, starts
