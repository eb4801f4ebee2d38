"""Pages and forms by which administrators change the rules. The rules themselves are in `enrolment.rules`."""
