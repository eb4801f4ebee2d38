"""The enrolment form as data: its steps, its questions and the rules that answers must meet. No page in here."""
