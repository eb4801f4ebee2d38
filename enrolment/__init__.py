"""What happens to what is stored: workflow, services, mails, files. No web framework in here."""
