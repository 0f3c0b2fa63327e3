"""Which tasks are taken for spinners: never one that has not had its turn on a processor."""

from __future__ import annotations

import os
import socket

from harness.observe.burning import Burning
from harness.observe.census import Process
from tests.burning_family import ALLOWANCE, NEW, OLD, after, running


def test_one_who_has_burnt_the_allowance_spins() -> None:
    assert after(Burning(), {OLD: 0}, {OLD: ALLOWANCE}).spent == {OLD}


def test_below_the_allowance_nobody_does() -> None:
    assert not after(Burning(), {OLD: 0}, {OLD: ALLOWANCE - 1}).spent


def test_what_others_have_burnt_is_not_held_against_one_who_had_no_turn() -> None:
    assert after(Burning(), {OLD: 0, NEW: 0}, {OLD: 10 * ALLOWANCE, NEW: 1}).spent == {OLD}


def test_what_was_burnt_before_the_proof_began_does_not_count() -> None:
    burning = after(Burning(), {OLD: 0}, {OLD: ALLOWANCE})
    burning.begin()
    assert not after(burning, {OLD: ALLOWANCE}).spent


def test_a_known_spinner_that_holds_a_socket_needs_its_share_again() -> None:
    me, burning = os.getpid(), Burning()
    with socket.socket():
        burning.believe([running(me, 0)])
    assert burning.is_known
    assert after(burning, {me: 0, NEW: 0}, {me: 1, NEW: ALLOWANCE}).spent == {NEW}


def test_a_family_whose_children_come_and_go_is_not_known_to_spin() -> None:
    burning, zombie = Burning(), Process(NEW, OLD, 0, "Z", 0, 0, 0, ())
    burning.believe([running(OLD, ALLOWANCE), zombie])
    assert not burning.is_known
    assert burning.spinners == set()


def test_a_chain_is_not_believed_sooner_because_somebody_has_spun() -> None:
    burning = Burning()
    burning.is_known = True
    assert not after(burning, {1: 0}, {1: 3 * ALLOWANCE}).is_chain


def test_a_chain_of_the_short_lived_is_believed_after_three_allowances() -> None:
    burning = after(Burning(), {1: 0}, {1: 3 * ALLOWANCE}, {1: 3 * ALLOWANCE, NEW: 0})
    assert not burning.is_chain
    assert after(burning, {1: 3 * ALLOWANCE + 4, NEW: 0}).is_chain
