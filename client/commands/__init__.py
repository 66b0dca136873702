"""The command line of the client: where keys come from, what is asked first, how results are shown."""
