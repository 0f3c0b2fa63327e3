"""A class: who handed in what; each hand-in is judged once, and every point has a reason.

Keeps the store, which survives any end of the program. It must never know how a verdict is reached.
"""
