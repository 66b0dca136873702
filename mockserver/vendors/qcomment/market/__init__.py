"""The life of the marketplace: authors come, write, are checked, rework, publish, without anybody calling."""
