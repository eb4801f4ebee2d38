"""Mails: what each may say (`messages`), how it is written (`rendering`), kept (`outbox`) and sent (`worker`).

A service composes and queues; only the worker sends. Nothing here decides that a mail is due.
"""
