"""How course systems name what a class hands in: one file each, tried in this order.

Each takes the entries that it knows; the last takes what is left.
"""

from typing import Final

from . import (
    autolab,
    blackboard,
    brightspace,
    canvas,
    github_classroom,
    gradescope,
    ilias,
    moodle,
    openolat,
    plain,
    sakai,
    submitty,
)
from .naming import Layout

LAYOUTS: Final[tuple[Layout, ...]] = (
    gradescope.LAYOUT,
    moodle.LAYOUT,
    blackboard.LAYOUT,
    brightspace.LAYOUT,
    sakai.LAYOUT,
    submitty.LAYOUT,
    openolat.LAYOUT,
    autolab.LAYOUT,
    canvas.LAYOUT,
    ilias.LAYOUT,
    github_classroom.LAYOUT,
    plain.LAYOUT,
)
