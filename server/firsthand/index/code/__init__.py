"""The code of a workspace in a database: definitions, imports, names and pieces of text.

`update` brings it up to date and `watch` keeps it so, both in the index process; `view` answers
questions about it in a server, while it is written.
"""
