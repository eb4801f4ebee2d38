"""Pages of corrections of many rows: the list, a new one, its preview, its progress, its undoing. No rule is here."""
