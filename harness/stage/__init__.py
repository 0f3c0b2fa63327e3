"""What touches the server: peers, consoles, crowds, and the orders to the keeper.

Keeps the recording. It must never know what is right or wrong: it acts, sees, and writes down.
"""

from harness.stage.client_stage import ClientStage
from harness.stage.deadline import CouldNotTell
from harness.stage.peer import Peer
from harness.stage.scenario import Scenario, client_scenario, scenario
from harness.stage.stage import Stage

__all__ = ["ClientStage", "CouldNotTell", "Peer", "Scenario", "Stage", "client_scenario", "scenario"]
