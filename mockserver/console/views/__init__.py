"""From the world, its journal and the specs to plain values that a page can show. No Flask."""
