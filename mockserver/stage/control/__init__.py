"""The control plane's calls into changes of a world: what the two APIs leave to people and to time."""
