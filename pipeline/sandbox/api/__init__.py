"""What the sandbox answers: the documented endpoints, without a socket."""
