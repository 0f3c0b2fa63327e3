"""What a run wrote down: events, what they say of a client or a moment, and the file they are kept in.

The contract belongs here too: what a reply is decides where a client was answered. It must never know
how a run was made, nor how it is judged: no processes, no sockets, no clock, no verdict.
"""
