"""What each member of the staff sets for themselves: password, second factor, sessions. Nobody else's."""
