"""What is kept, and for how long: who is forgotten, and what is removed."""

from pipeline.upkeep.forget import forget
from pipeline.upkeep.prune import prune

__all__ = ["forget", "prune"]
