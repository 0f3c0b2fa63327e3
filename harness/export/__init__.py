"""What a course system needs to judge by itself: this forkspec, an assignment, and a start.

Makes the archives, and tries them in a scratch root laid out as the system lays it out. It must never
know how a verdict comes about, nor what a system's result file looks like.
"""
