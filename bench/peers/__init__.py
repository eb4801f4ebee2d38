"""Peers that the portal is compared with. Each runs in an environment of its own; the project depends on none."""
