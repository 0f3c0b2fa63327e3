"""The roles in which a subject can be on trial."""

from enum import StrEnum


class Role(StrEnum):
    """In the order of reports: a server, a client, or a server with the client beside it."""

    SERVER = "server"
    CLIENT = "client"
    PAIR = "pair"
