"""The terminal face: the commands that `forkspec` has beside `check`, one file for each group of them.

It must never decide anything: it reads what the user typed, calls a room, and says what came of it.
"""
