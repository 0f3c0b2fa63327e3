"""What verdicts mean for a person: the level, the points, and what changed since an earlier result.

It must never know how anything is shown or stored: plain values in, plain values out.
"""
