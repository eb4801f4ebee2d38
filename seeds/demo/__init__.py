"""The demonstration: fictitious companies, and a request in every state, made by the services themselves."""
