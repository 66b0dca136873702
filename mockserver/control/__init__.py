"""The control plane: what the two APIs leave to people and to time, over HTTP and as Python calls."""
