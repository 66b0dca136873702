"""What each vendor does: the same file names in both. Pure, like the domain."""
