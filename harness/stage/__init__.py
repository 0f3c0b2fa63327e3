"""What touches the server: peers, consoles, crowds, and the orders to the keeper.

Keeps the recording. It must never know what is right or wrong: it acts, sees, and writes down.
"""

from harness.stage.peer import Peer
from harness.stage.scenario import Scenario, scenario
from harness.stage.stage import CouldNotTell, Stage

__all__ = ["CouldNotTell", "Peer", "Scenario", "Stage", "scenario"]
