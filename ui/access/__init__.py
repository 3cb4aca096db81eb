"""Forms and tables of accounts and roles."""
