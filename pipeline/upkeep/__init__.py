"""What is kept, how long and how: who is forgotten, what is removed or compacted."""

from pipeline.upkeep.compact import compact
from pipeline.upkeep.forget import forget
from pipeline.upkeep.prune import prune

__all__ = ["compact", "forget", "prune"]
