"""The terminal face for shells: completion."""

from typing import Annotated, Literal

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]  # not re-exported

from .terminal import new_app

app = new_app()


@app.command()
def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(show_default=False)],
) -> None:
    """Print what a shell needs to complete forkspec's words: bash, zsh or fish.

    Add eval "$(forkspec completion bash)" to ~/.bashrc, or the same for zsh to ~/.zshrc, below compinit;
    write fish's to ~/.config/fish/completions/forkspec.fish.
    """
    print(get_completion_script(prog_name="forkspec", complete_var="_FORKSPEC_COMPLETE", shell=shell))
