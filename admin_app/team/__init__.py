"""What administrators see and do about the team: members, sessions, roles, who opened which piece."""
