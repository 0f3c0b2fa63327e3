"""PrairieLearn: a folder from which the grader's image is made; a container for each submission.

Source: PrairieLearn docs, External grading.
"""

from typing import Final

from harness.export.bundle import Bundle
from harness.export.system import Parts, System


def _pack(parts: Parts) -> Bundle:
    files = {
        "setup.sh": parts.filled("setup.sh"),
        **{name: parts.filled(f"prairielearn/{name}") for name in ("Dockerfile", "info.json", "run.sh")},
    }
    return Bundle({**parts.files, **files}, frozenset({"setup.sh", "run.sh"}))


SYSTEM: Final = System(
    name="prairielearn",
    says="Write a folder with a Dockerfile for the grader's image, and what goes into info.json.",
    out="prairielearn",
    place=2,
    pack=_pack,
    source="/forkspec",
    submission="/grade/student",
    result="/grade/results/results.json",
    setup="/forkspec/setup.sh",
    start="/forkspec/run.sh",
    cpus=0.5,
    memory_bytes=768 << 20,
)
