"""A requirement's page, drawn from the registry: for `forkspec explain` and docs/requirements/."""

from collections.abc import Sequence

from harness.judge.requirement import Requirement


def page(requirement: Requirement, killed_by: Sequence[str]) -> str:
    """Markdown: the sentence, where it comes from, why, how it is seen, what breaks it."""
    needs = ", ".join(f"`{need}`" for need in requirement.needs) or "nothing"
    faults = "\n".join(f"- `{name}`" for name in killed_by) or "- none in `servers/` yet"
    return f"""# {requirement.id}

{requirement.says}

| tier | source | scenario | needs |
|---|---|---|---|
| {requirement.tier.value} | {requirement.source} | {requirement.scenario} | {needs} |

## Why it matters

{requirement.why}

## By hand

{requirement.by_hand}

## Killed by

{faults}
"""


def index(requirements: Sequence[Requirement]) -> str:
    """Markdown: the table of all requirements, each linked to its page."""
    rows = "\n".join(
        f"| [{r.id}]({r.id}.md) | {r.tier.value} | {r.source} | {r.says} |" for r in requirements
    )
    return f"""# Requirements

Generated from the registry by `make docs`; a test holds these pages to it.

| id | tier | source | says |
|---|---|---|---|
{rows}
"""
