"""Data that ships with the program: the reference rows that it needs, and a demonstration."""
