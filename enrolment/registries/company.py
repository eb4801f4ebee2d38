"""What a registry says of a company, and the three ways a look-up can end.

Plain data: where it comes from and what is done with it are elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Company:
    """One establishment and the company it belongs to.

    A part that the registry does not give, or does not make public, is None: the vendor fills it in.
    `street_type` and `extension` are codes (« RUE », « B »); `address` is the whole address on one line as
    the registry writes it. `is_open` is False when the establishment or its company has ceased.
    """

    siret: str
    siren: str
    legal_name: str | None
    is_open: bool
    is_diffusible: bool = True
    trade_name: str | None = None
    number: str | None = None
    extension: str | None = None
    street_type: str | None = None
    street_name: str | None = None
    complement: str | None = None
    distribution: str | None = None
    post_code: str | None = None
    city: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Found:
    """The registry knows this SIRET."""

    company: Company


@dataclass(frozen=True)
class Unknown:
    """The registry answered, and does not know this SIRET."""


@dataclass(frozen=True)
class Unavailable:
    """The registry gave no usable answer. `reason` is French, for the manager's eyes."""

    reason: str


Lookup = Found | Unknown | Unavailable
