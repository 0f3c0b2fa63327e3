"""What all tests of the clone share. The requirements as tests come from `-p harness.plugin`."""

from __future__ import annotations

import pytest

from harness.engine import catalogue, check


@pytest.fixture(scope="session")
def lecture() -> dict[str, dict[str, str]]:
    """What the manifest promises of the lecture's servers: by server, by id. C++ where it builds."""
    names = [check.prepare(name).name for name in check.LECTURE]
    return {
        name: {
            requirement.id: check.expected(check.manifest()[name], requirement.id).value
            for requirement in catalogue.load().requirements
        }
        for name in names
    }
