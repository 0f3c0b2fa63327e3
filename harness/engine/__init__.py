"""Plays scenarios against a subject, each in a cell of its own, and plays again what stayed undecided.

It must never know how a verdict is shown, and decides none itself: recordings come out.
"""
