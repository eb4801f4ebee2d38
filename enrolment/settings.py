"""Every setting of the program, in one class. What the ASP changes by itself is a row in a table, not a setting."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_WEAK = frozenset({"secret", "changeme", "change-me", "password", "enrolment"})


class Settings(BaseSettings):
    """Read from the environment, each name prefixed with ENROLMENT_. A weak secret is refused outside demo."""

    model_config = SettingsConfigDict(env_prefix="ENROLMENT_", extra="ignore", frozen=True, secrets_dir=None)

    var: Path = Field(
        Path("var"), description="Folder of the database, the files and the mails, when nothing else is set."
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty: an SQLite file in the var folder.")
    storage_url: str = Field("", description="Folder or s3:// URL of the deposited files; empty: a folder in var.")
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://user:password@host:port or smtps://…; unset: each mail becomes an .eml file in var/mail.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="At least 32 random characters; signs links and cookies. Required outside demo."
    )
    file_keys: SecretStr = Field(
        SecretStr(""),
        description="Keys of the sensitive files, `name:base64,…`, newest first; empty: derived from secret_key.",
    )
    base_url: str = Field("http://127.0.0.1:8000", description="Public address, used in mails.")
    sirene_url: str | None = Field(None, description="Address of the company registry's API; unset: embedded extract.")
    clamd: str | None = Field(None, description="Antivirus: path of clamd's socket, or host:port; unset: no antivirus.")
    captcha: Literal["image", "none"] = Field("image", description="`none` is refused outside demo.")
    demo: bool = Field(
        False, description="Demonstration: demo data, a secret made at each start, banner on every page."
    )
    operator_name: str = Field(
        "Agence de services et de paiement", description="Name shown in the header and in mails."
    )
    operator_short: str = Field("ASP", description="Short name of the operator.")
    accent_color: str = Field("", pattern=r"^(#[0-9a-fA-F]{6})?$", description="Accent colour, #rrggbb; empty: ours.")
    mail_from: str = Field("ne-pas-repondre@segur.example", description="Sender of every mail.")
    mail_reply_to: str | None = Field(None, description="Address that answers go to.")
    staff_second_factor: Literal["off", "required"] = Field(
        "off",
        description="`required`: staff without a second factor (TOTP) must set one up before anything else; "
        "`off`: each may.",
    )
    metrics_token: SecretStr | None = Field(None, description="Bearer token of /metrics; unset: loopback only.")

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        derived = {
            "database_url": self.database_url or f"sqlite:///{self.var / 'enrolment.sqlite3'}",
            "storage_url": self.storage_url or str(self.var / "files"),
            "base_url": self.base_url.rstrip("/"),
        }
        key = self.secret_key.get_secret_value()
        if not key and self.demo:
            derived["secret_key"] = SecretStr(_demo_secret(self.var))  # type: ignore[assignment]
        elif not self.demo and (len(key) < 32 or key.lower() in _WEAK or len(set(key)) < 8):
            raise ValueError("ENROLMENT_SECRET_KEY doit contenir au moins 32 caractères tirés au hasard")
        if self.captcha == "none" and not self.demo:
            raise ValueError("ENROLMENT_CAPTCHA=none n'est admis qu'en démonstration")
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        return self

    @property
    def is_https(self) -> bool:
        """Whether the public address is https: cookies are Secure and HSTS is sent."""
        return urlsplit(self.base_url).scheme == "https"


def _demo_secret(var: Path) -> str:
    """A secret of this demo's own, kept in its folder so that links survive a restart."""
    path = var / "demo-secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text()
