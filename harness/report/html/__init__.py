"""Pages for people: a student's, the requirements', a class's. One look, one folder, no network.

`site` draws every page; a page's own module puts together what it shows. It must never decide anything,
know the machine it was made on, or need a server, a network or a script to be understood: a student's
page is one file without any, and a script sorts the tables of the class page.
"""
