"""Roles, permissions, data scopes, organisations, devices."""
