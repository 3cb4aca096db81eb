"""The tables: schema, store, and the doors through which a visit reads and writes them."""
