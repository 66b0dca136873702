"""Turn an address into a store of tenants: in memory, in a SQLite file, in PostgreSQL."""
