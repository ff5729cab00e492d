"""The codebase on disk: which of its files may be read, and the project tier learned from them.

`files` and `ignore` decide what may be read, `jobs` says what is made of them in a process of its
own (`python -m firsthand.index`), `client` starts that process and follows it.
"""
