"""An answer and its schema into findings, node by node."""
