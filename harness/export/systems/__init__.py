"""One file a course system: what it gets, where that lies, how it is started, and its limits.

The files that it is given as they are lie in templates/. What a result looks like there, and by which
written rules, is the file of the same name in harness/report/formats/.
"""
