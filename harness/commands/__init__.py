"""The terminal face beside `check`: one file for each group of commands.

It must never decide anything: it reads what the user typed, calls a room, and prints the outcome.
"""
