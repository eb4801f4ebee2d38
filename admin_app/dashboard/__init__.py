"""The dashboard: kept figures as charts that the server draws, their tables and their files. Nothing counts here."""
