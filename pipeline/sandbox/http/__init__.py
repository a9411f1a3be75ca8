"""The sandbox served over HTTP, with faults and a rate limit."""
