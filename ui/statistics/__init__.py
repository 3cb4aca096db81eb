"""Dashboards as they are drawn: filters, headline, maps, rankings."""
