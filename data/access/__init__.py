"""Who may: visits, sessions, accounts, credentials, roles, organisations, positions, filers."""
