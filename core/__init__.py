"""The statutory core: pure functions and models, no I/O beyond the YAML packaged beside them."""
