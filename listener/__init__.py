"""Hears: a network -> mentions in the database."""
