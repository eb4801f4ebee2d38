"""Views that staff keep of lists: saving, renaming, sharing and deleting them."""
