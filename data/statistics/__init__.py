"""What the dashboards read."""
