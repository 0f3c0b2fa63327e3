"""What was handed in: recognise it, build it, launch it, find its listener.

It must never know what will be asked of it, nor judge it: what the submission does wrong comes out
as facts (a compiler's first error, an exit status), what the user or the machine lacks as errors.
"""
