"""The identity of one browser session on the telephone side."""

from hashlib import md5

REALM = "permanence"


def digest(username: str, password: str, realm: str = REALM) -> str:
    """What SIP's digest authentication checks (RFC 3261 §22.4): the password itself is kept nowhere."""
    return md5(f"{username}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()
