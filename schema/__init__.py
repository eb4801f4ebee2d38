"""What is stored, and all that is generated from it. Knows no web framework and nothing of the process."""
