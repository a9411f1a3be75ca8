"""The documented endpoints of the sandbox: requests → answers, without a socket."""
