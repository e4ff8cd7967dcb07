"""Seals tokens with the secret of the app, so that whoever has only the database has no token."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

PURPOSE = b"callboard: tokens of installations"


class Vault:
    """Keeps tokens under the client secret. With another secret nothing opens, and every workspace installs again."""

    def __init__(self, secret: str) -> None:
        key = hmac.digest(secret.encode(), PURPOSE, hashlib.sha256)
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def sealed(self, team_id: str, token: str) -> str:
        """The token of a workspace, to be kept."""
        return self._fernet.encrypt(f"{team_id} {token}".encode()).decode()

    def opened(self, team_id: str, sealed: str) -> str:
        """The token; empty where it was sealed with another secret, or for another workspace."""
        try:
            of, _, token = self._fernet.decrypt(sealed).decode().partition(" ")
        except InvalidToken:
            return ""
        return token if of == team_id else ""
