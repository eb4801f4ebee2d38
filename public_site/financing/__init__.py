"""The vendor's pages about financing: the format, the simulator, the requests. What they check is in `enrolment`."""
