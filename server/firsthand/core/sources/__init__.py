"""Where context comes from.

A source ranks the names that are likely in the next lines, or the pieces of code worth reading,
by what the index of the codebase (`core.codeview`), the document and the session's history say.
None knows of another; `core.snippets` fuses their ranks and chooses.
"""
