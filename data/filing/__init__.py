"""Filings and their rounds, attachments, history, progress and reminders."""
