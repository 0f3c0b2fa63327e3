"""What verdicts mean for a person: how far a server has come, points, what changed since another day.

It must never know how anything is shown or kept: plain values in, plain values out.
"""
