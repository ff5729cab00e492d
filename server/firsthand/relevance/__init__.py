"""Which names of a codebase are likely at a cursor, and what of it a model is shown.

Sources rank the names that are likely in the next lines, by what the index of the codebase
(`core.codeview`), the document and the session's history say; none knows of another. `ranker` makes
one ranking of theirs, and `choose` fills a budget of tokens. Numpy in, pieces of text out: nothing
here reads a file, but for the weights that come with the package.
"""
