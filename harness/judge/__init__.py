"""Pure values and functions: recording in, verdict out.

Requirement, Verdict, Evidence, causes, diagnosis, and the words for them. It must never know how a
recording was made: no I/O, no clock, no processes, no sockets. The same recording gives the same verdict
for ever.
"""
