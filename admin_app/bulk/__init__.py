"""Pages of bulk actions: choosing, writing, preview, progress, results. The rules are the services'."""
