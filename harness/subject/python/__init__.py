"""Loaded by subjects in Python, never by us."""
