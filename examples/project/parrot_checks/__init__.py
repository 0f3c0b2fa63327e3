"""What parrot's maintainer asks of it, beside what forkspec asks of any server."""
