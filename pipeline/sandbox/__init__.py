"""An embedded tenant: a seeded world, served over HTTP, with faults on demand.

It answers the documented endpoints as strictly as a tenant, and says what was used.
`http` serves `api`, and `api` answers from `world`: none imports what stands above it.
"""

from pipeline.sandbox.api.tenant_options import Options
from pipeline.sandbox.http.faults import Fault
from pipeline.sandbox.http.server import Request, SandboxServer
from pipeline.sandbox.world.population import WORLD_START
from pipeline.sandbox.world.runs import HOME
from pipeline.sandbox.world.world import TruthRow, World

__all__ = [
    "HOME",
    "WORLD_START",
    "Fault",
    "Options",
    "Request",
    "SandboxServer",
    "TruthRow",
    "World",
]
