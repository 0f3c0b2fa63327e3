"""What touches the server or the client on trial, and proves rest after each touch.

The stage acts, sees, and writes down. It must never know what is right or wrong.
"""

from harness.stage.client_stage import ClientStage
from harness.stage.deadline import CouldNotTell
from harness.stage.peer import Peer
from harness.stage.scenario import Scenario, client_scenario, scenario
from harness.stage.stage import Stage

__all__ = ["ClientStage", "CouldNotTell", "Peer", "Scenario", "Stage", "client_scenario", "scenario"]
