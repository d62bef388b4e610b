"""SQLite as the main database: durable, and fair between several writing processes.

This module imports nothing of Django: the inbox of `base.intake` takes the same turns.
"""
