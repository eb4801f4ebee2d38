"""The back office's pages of financing requests: what waits, one request, its files, what the ASP decides."""
