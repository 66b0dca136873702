"""See that what several holders of accounts have with one vendor can be told apart: by keys, and by ids."""

from collections.abc import Mapping

from apidouble.mockserver.domain.world import World


def see_unique(world: World, holder: str, kinds: Mapping[str, str]) -> None:
    """Raise ValueError where an account has a key or an id that another has, or an id that is still to be given.

    `kinds` name the attributes in which an account has its entities.
    """
    account = world.accounts[holder]
    others = [one for one in world.held_with(holder) if one is not account]
    if not others:
        return
    if any(other.key == account.key for other in others):
        raise ValueError(f"the key {account.key} is another account's")
    for kind, attribute in kinds.items():
        for number in getattr(account, attribute):
            if any(number in getattr(other, attribute) for other in others):
                raise ValueError(f"{kind} {number} is another account's")
            if number >= account.next_ids.get(kind, number + 1):
                raise ValueError(f"next_ids.{kind} is {account.next_ids[kind]}, and {number} is taken")
