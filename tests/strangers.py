"""Packages of strangers, installed as far as entry points need it: a module, and a .dist-info."""

from __future__ import annotations

from pathlib import Path


def install(place: Path, package: str, code: str, **points: str) -> None:
    """Put a package with this code into a folder; `points` are its entry points by group."""
    info = place / f"{package}-1.0.dist-info"
    info.mkdir()
    (place / f"{package}.py").write_text(code)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = [f"[forkspec.{group}]\n{line}\n" for group, line in points.items()]
    (info / "entry_points.txt").write_text("\n".join(lines))
