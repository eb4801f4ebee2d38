"""« Faire une demande complémentaire »: one page, for a vendor that is signed in (rules C1 to C3)."""
