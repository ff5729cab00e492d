"""The embedded model: completes from the codebase itself, learned live, in process.

See docs/embedded.md for how it works. This package knows texts and folders, nothing of the server.
"""

from firsthand.embedded.build import TierStats, build_tier, stats_of, update_tier
from firsthand.embedded.decode import Guess
from firsthand.embedded.model import EmbeddedModel
from firsthand.embedded.tier import CorruptTier, ProjectTier

__all__ = [
    "CorruptTier",
    "EmbeddedModel",
    "Guess",
    "ProjectTier",
    "TierStats",
    "build_tier",
    "stats_of",
    "update_tier",
]
