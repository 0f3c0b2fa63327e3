"""What can be seen of a family of processes, from outside and without touching it.

Census (which processes, in which state, asleep in which call), sockets (sock_diag), pidfds and the
quiescence proof. Everything here runs in the keeper, single-threaded and blocking, beside the
subject. It must never know what a scenario wants or what a requirement says: it returns facts as
plain values, and holds no opinion about them.
"""
