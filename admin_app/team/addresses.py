"""Addresses of the pages of the team."""

from __future__ import annotations

from admin_app.addresses import BASE
from schema.enums import StaffRole

SESSIONS = f"{BASE}/sessions"
CONSULTATIONS = f"{BASE}/consultations"
ROLES = f"{BASE}/roles"


def member(user_id: int) -> str:
    """The page of somebody of the team."""
    return f"{SESSIONS}/membres/{user_id}"


def end(handle: int) -> str:
    """Where an administrator ends a session."""
    return f"{SESSIONS}/{handle}/fermer"


def role_rights(role: StaffRole) -> str:
    """The page where rights are taken from a role and given back."""
    return f"{ROLES}/{role.value}"
