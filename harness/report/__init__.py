"""Recordings and verdicts in; text and files that people and other systems read out.

It must never run anything or decide anything: what it prints, the judge has said.
"""
