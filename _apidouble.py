"""Hold nothing; be what pytest finds at the top of the wheel, lest it take a user's own client.py for this project's.

pytest rewrites the assertions of a plugin's distribution, and without a module at its top it strips the first folder of
every path: `apidouble/client` becomes `client`.
"""
