"""What a vendor does to one request after its deposit: answer the ASP, withdraw, file anew.

The same pages serve a signed-in vendor, under `/espace/demandes/{request}/`, and whoever holds a one-purpose link,
under `/suivi/…/{token}/` (rule A6). What may be done is decided in `enrolment.services`.
"""
