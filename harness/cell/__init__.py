"""Where a subject runs: one cell, one network namespace, one keeper, one run.

The keeper is the harness's hand and eye in the cell, forked from a warm zygote; init starts,
reaps and outlives what runs there; bubblewrap hides the machine from it. Lesser cells take what
this machine grants. This room must never know what is being tested or why: it starts programs,
limits them, shows them, and ends them.
"""
