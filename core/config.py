"""The settings of the installation: the only place that reads the environment."""

import os
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DEMO_SECRET = "demo-secret-not-for-real-use"  # noqa: S105 (public on purpose, refused outside the demo)


class Settings(BaseSettings):
    """What differs between installations. Every name is also the environment variable's name.

    What staff may change while the portal runs (claim hours, company data) is not here but in the
    database: see `core.company`.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: str = Field(description="PostgreSQL 15 or newer; the launcher fills it in for the embedded server")
    report_database_url: str = Field(
        default="", description="a replica that exports and reports read from, if there is one"
    )
    redis_url: str = Field(description="Redis or Valkey; the launcher fills it in for the embedded server")
    data_dir: Path = Field(default=ROOT / "var", description="uploads, written mails and embedded servers")
    secret_key: SecretStr = Field(description="at least 32 characters; signs mailed links and encrypts second factors")
    other_secret_keys: SecretStr = Field(
        default=SecretStr(""), description="secrets that are understood as well, comma separated: the last, or the next"
    )
    public_url: str = Field(default="http://localhost:8501", description="address that goes into mails")
    trusted_proxies: str = Field(default="127.0.0.1", description="whose X-Forwarded-For is believed, comma separated")
    request_rate: int = Field(default=60, ge=0, description="requests a second from one address (0: any number)")
    file_rate: int = Field(default=500, ge=0, description="pictures and scripts a second from one address")
    made_anew_rate: int = Field(default=2, ge=0, description="statements, tables and ZIPs a second from one address")
    action_rate: int = Field(default=30, ge=0, description="clicks a second on the open pages of one address")
    open_pages: int = Field(default=300, ge=0, description="pages that one address may have open in a web process")
    company_register: str = Field(default="", description="CSV file or https address to look companies up by CUI")
    anaf_api_url: str = Field(default="https://api.anaf.ro", description="where e-Factura takes invoices")
    anaf_login_url: str = Field(
        default="https://logincert.anaf.ro/anaf-oauth2/v1", description="where people let the portal act at ANAF"
    )
    import_folder: Path | None = Field(default=None, description="folder that files to be imported are put into")
    demo: bool = Field(default=False, description="the demo company: the only mode that accepts the demo secret")
    smtp_host: str | None = Field(default=None, description="without it mails are written to data_dir/mail")
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True
    mail_from: str = "rampa@localhost"
    log_json: bool = False

    @property
    def secrets(self) -> list[str]:
        """The secret that signs and seals, and after it those that are understood as well."""
        others = (secret.strip() for secret in self.other_secret_keys.get_secret_value().split(","))
        return [self.secret_key.get_secret_value(), *filter(None, others)]

    @property
    def tls(self) -> bool:
        """Do people reach the portal over TLS?"""
        return self.public_url.startswith("https:")

    @model_validator(mode="after")
    def _refuse_unsafe_secret(self) -> Self:
        """Outside the demo a known or short secret would let anybody forge what it signs."""
        if not self.demo and any(secret == DEMO_SECRET or len(secret) < 32 for secret in self.secrets):
            raise ValueError("SECRET_KEY must be set to a secret of at least 32 characters outside the demo")
        return self

    @model_validator(mode="after")
    def _keep_demo_mails_home(self) -> Self:
        """The demo company's addresses are invented: its mails are only ever written to files."""
        if self.demo:
            self.smtp_host = None
            self.company_register = self.company_register or str(ROOT / "core/demo/register.csv")
        return self


@lru_cache(maxsize=1)
def demo_instant() -> datetime | None:
    """Where the demo's clock stands still (`./rampa demo --at`); None where it runs, and outside the demo always.

    Asked before there are settings, and by what needs none: the clock.
    """
    given = os.environ if os.environ.get("DEMO") == "true" else {}  # noqa: TID251 (see the module's docstring)
    instant = datetime.fromisoformat(given["DEMO_INSTANT"]) if given.get("DEMO_INSTANT") else None
    return instant if instant and instant.tzinfo else None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once; raises pydantic.ValidationError naming what is wrong."""
    return Settings()
