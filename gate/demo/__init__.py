"""Demonstration platforms: fictional stand-ins for the systems around this one, for demo mode and tests."""
