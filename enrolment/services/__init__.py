"""What people do to the data: each service takes a session and an actor, and never commits."""
