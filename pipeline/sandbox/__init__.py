"""An embedded tenant: a seeded world, served over HTTP, with faults on demand.

It answers the documented endpoints as strictly as a tenant, and knows its own truth.
"""

from pipeline.sandbox.faults import Fault
from pipeline.sandbox.options import Options
from pipeline.sandbox.population import WORLD_START
from pipeline.sandbox.server import Request, SandboxServer
from pipeline.sandbox.world import TruthRow, World

__all__ = [
    "WORLD_START",
    "Fault",
    "Options",
    "Request",
    "SandboxServer",
    "TruthRow",
    "World",
]
