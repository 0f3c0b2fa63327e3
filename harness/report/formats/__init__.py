"""One file an output: what it is called, where it may be written, and the function that writes it.

A file here that has a `FORMAT` is registered; other packages add theirs by entry point. The command
line, a class's results and the documents read the registry, and no other list of formats.
"""
