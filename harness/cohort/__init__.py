"""A class: who handed in what, each judged once, and every point explained.

Keeps the store that survives any end. It must never know how a verdict comes about: that is the trial's.
"""
