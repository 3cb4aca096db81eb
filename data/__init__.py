"""The tables: schema, store, and the functions through which a visit reads and writes them."""
