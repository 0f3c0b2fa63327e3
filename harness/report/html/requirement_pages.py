"""The requirements' pages as a small site: an index, and a page each."""

from collections.abc import Callable, Sequence
from itertools import groupby

from harness.judge.requirement import Requirement

from .site import render


def pages(
    requirements: Sequence[Requirement], killers: Callable[[str], Sequence[str]]
) -> dict[str, str]:
    """All pages by their path in the folder that shall hold them; they need nothing beside them.

    `killers` names the reference servers that fail one.
    """
    groups = [(name, list(members)) for name, members in groupby(requirements, lambda each: each.group)]
    found = {"index.html": render("requirements.html", home="", groups=groups, count=len(requirements))}
    by_id = {each.id: each for each in requirements}
    ids = list(by_id)
    for number, each in enumerate(requirements):
        found[f"{each.id}.html"] = render(
            "requirement.html",
            home="../",
            requirement=each,
            needs=[(need, by_id[need].says if need in by_id else "") for need in each.needs],
            killers=killers(each.id),
            before=ids[number - 1] if number else "",
            after=ids[number + 1] if number + 1 < len(ids) else "",
        )
    return found
