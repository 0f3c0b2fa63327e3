"""How course systems name what a class hands in: one file each, tried in this order.

Each takes the entries that it knows; the last takes what is left.
"""

from typing import Final

from . import blackboard, brightspace, canvas, gradescope, moodle, plain
from .naming import Layout

LAYOUTS: Final[tuple[Layout, ...]] = (
    gradescope.LAYOUT,
    moodle.LAYOUT,
    blackboard.LAYOUT,
    brightspace.LAYOUT,
    canvas.LAYOUT,
    plain.LAYOUT,
)
