"""How the sandbox is served over HTTP, and what goes wrong on the way."""
