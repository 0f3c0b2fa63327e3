"""Daemons of the distribution, where they are installed: a few requirements of each, as expected.

`bench/daemons.py` judges all of each; that takes an hour.
"""

from __future__ import annotations

import pytest

from harness.engine.session import Session
from tests import daemons

# What shows how it serves: a client alone, clients in a row, clients who are silent.
FEW = (
    "contract/address",
    "contract/own-program",
    "service/reply",
    "service/again",
    "concurrency/silent-client",
    "concurrency/silent-few",
    "reaping/sequential",
)


@pytest.mark.parametrize("name", daemons.names())
def test_a_daemon_is_told_as_what_it_is(request: pytest.FixtureRequest, name: str) -> None:
    if why := daemons.lack(name):
        pytest.skip(why)
    if daemons.expected(name).slow and request.config.getoption("--forkspec-part", None) != "all":
        pytest.skip("takes half a minute: only with --forkspec-part all")
    subject, options = daemons.prepared(name, FEW)
    with Session(options) as session:
        result = session.examine(subject)
    assert not list(daemons.differences(daemons.expected(name), result))
