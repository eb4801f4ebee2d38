"""Look-ups of companies and referencings in public registries: what is found, and how it is asked for."""
