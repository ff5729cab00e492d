"""How many secrets are found in real code, and how often something else is taken for one."""
