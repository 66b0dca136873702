"""What each vendor does: the same file names in both. Pure, like the domain.

In a vendor: `behaviour/` has one function for each operationId, named like it and taking the document's
parameters as keywords; `events.py` one function for each event of the machines; `state.py` the account as
dataclasses; `auth.py` who may call; `pricing.py` what things cost; `opening.py` a world file's section into an
account.
"""
