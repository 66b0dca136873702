"""A simulator into a server: settings, certificates and doors with sockets.

After `stage`; before `commands` and `testing`.
"""
