"""What a subject is on trial as."""

from enum import StrEnum


class Role(StrEnum):
    """In the order in which they are told: a server, a client, or a server with the client beside it."""

    SERVER = "server"
    CLIENT = "client"
    PAIR = "pair"
