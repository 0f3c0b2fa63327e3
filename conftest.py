"""The clone's tests are judged by forkspec itself; an installed forkspec changes no other run."""

pytest_plugins = ["harness.plugin"]
