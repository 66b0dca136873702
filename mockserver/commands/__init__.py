"""The command line into a running server, a report or a file. Everything below serves it; nothing imports it."""
