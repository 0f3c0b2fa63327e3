"""Pure values and functions: recording in, verdict out.

Recording, Requirement, Verdict, Evidence, Rubric, diagnosis. It must never know how a recording was
made: no I/O, no clock, no processes, no sockets. The same recording gives the same verdict for ever.
"""
