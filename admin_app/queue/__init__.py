"""The queue of requests that the ASP must act on."""
