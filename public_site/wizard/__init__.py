"""The pages of the enrolment form, from « Rechercher » to « Terminer »."""
