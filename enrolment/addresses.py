"""The addresses that mails lead to: signed, one purpose each."""

from __future__ import annotations

from dataclasses import dataclass

from enrolment.links import Links, Purpose
from schema.tables import Demand, Draft, EnrolmentRequest, FinancingRequest


@dataclass(frozen=True)
class Addresses:
    """Makes absolute addresses of the public site. `base_url` has no final slash."""

    links: Links
    base_url: str

    def status(self, request: EnrolmentRequest) -> str:
        """The status page of a request, open without an account (rule A6)."""
        return f"{self.base_url}/suivi/{self.links.sign(Purpose.FOLLOW_REQUEST, request.public_id)}"

    def answer(self, demand: Demand) -> str:
        """Where a vendor answers one demand of the ASP, without an account (rule A6)."""
        return f"{self.base_url}/suivi/repondre/{self.links.sign(Purpose.ANSWER_DEMAND, demand.public_id)}"

    def withdraw(self, request: EnrolmentRequest) -> str:
        """Where a vendor withdraws its request, without an account."""
        return f"{self.base_url}/suivi/retirer/{self.links.sign(Purpose.WITHDRAW_REQUEST, request.public_id)}"

    def resubmit(self, request: EnrolmentRequest) -> str:
        """Where a vendor takes up a refused or withdrawn request again, without an account."""
        return f"{self.base_url}/suivi/redeposer/{self.links.sign(Purpose.RESUBMIT_REQUEST, request.public_id)}"

    def resume(self, draft: Draft) -> str:
        """Where a request being typed goes on."""
        return f"{self.base_url}/enrolement/reprise/{self.links.sign(Purpose.RESUME_DRAFT, draft.public_id)}"

    def financing(self, request: FinancingRequest) -> str:
        """The page of a financing request, in the account that it belongs to."""
        return f"{self.base_url}/espace/financements/{request.public_id}"

    def password(self, account_key: str, stamp: str) -> str:
        """Where an account's owner chooses its password; `stamp` changes when it is used."""
        return f"{self.base_url}/mot-de-passe/{self.links.sign(Purpose.CREATE_PASSWORD, account_key, stamp=stamp)}"

    def staff_password(self, staff_key: str, stamp: str) -> str:
        """Where a member of the staff chooses their password; `stamp` changes when it is used or revoked."""
        token = self.links.sign(Purpose.STAFF_PASSWORD, staff_key, stamp=stamp)
        return f"{self.base_url}/admin/mot-de-passe/{token}"

    def staff_account(self) -> str:
        """Where a member of the staff looks after their own access."""
        return f"{self.base_url}/admin/mon-compte"

    def staff_sign_in(self) -> str:
        """The sign-in page of the back office."""
        return f"{self.base_url}/admin/login"

    def confirm_email(self, change_key: str, side: str) -> str:
        """Where one of the two addresses of an account confirms that the other replaces it."""
        token = self.links.sign(Purpose.CONFIRM_EMAIL, f"{change_key}:{side}")
        return f"{self.base_url}/confirmation-email/{token}"

    def sign_in(self) -> str:
        """The sign-in page."""
        return f"{self.base_url}/connexion"

    def assistance(self, request_number: str = "") -> str:
        """The assistance form, with the request that a question is about."""
        return f"{self.base_url}/assistance" + (f"?demande={request_number}" if request_number else "")

    def forgotten_password(self) -> str:
        """Where a new link to choose a password is asked for."""
        return f"{self.base_url}/connexion/mot-de-passe-oublie"
