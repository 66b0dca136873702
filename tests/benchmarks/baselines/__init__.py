"""What apidouble is measured against on its own server; each gives apidouble's answers, from a file of them by path."""
