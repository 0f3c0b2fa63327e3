"""Scenario x subject: find the scenarios, play them in cells, retry what could not be told.

It must never know what a verdict looks like to anyone, nor decide one itself: recordings out.
"""
