"""Softphones in Asterisk: pushed while their credentials live, removed and hung up with them."""

import asyncio
import hashlib
import hmac
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

from django.conf import settings

from permanence.calls.queries import SoftphoneRoute
from permanence.calls.rules.credentials import REALM, digest
from permanence.calls.usecases import Credentials
from permanence.database.models import Notice
from permanence.database.notices import tell
from permanence.kernel.clock import now
from permanence.telephony.ari import Ari

OURS = re.compile(r"(s\d+|demo)-[0-9a-f]{12}")
DYNAMIC = "asterisk/config/dynamic/res_pjsip"
CHANNEL, DEMO_CALLER = "telephony", "demo_caller"
DEMO_LIFETIME = timedelta(minutes=55)  # notices are kept for an hour
REGISTRATION_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What Asterisk must know of one browser session. ``digest`` is md5(username:realm:password)."""

    username: str
    digest: str
    context: str
    caller: str = ""


def endpoint_of(phone: SoftphoneRoute) -> Endpoint:
    return Endpoint(phone.username, phone.digest, "from-secretary")


def written(endpoint: Endpoint) -> list[tuple[str, dict[str, Any]]]:
    """What is put where: auth and address of record first, the endpoint that refers to them last."""
    name = endpoint.username
    outside = settings.MEDIA_ADDRESS
    auth = fields(auth_type="md5", username=name, realm=REALM, md5_cred=endpoint.digest)
    aor = fields(max_contacts=1, remove_existing="yes", qualify_frequency=15, maximum_expiration=REGISTRATION_SECONDS)
    phone = fields(
        context=endpoint.context,
        transport="websocket",
        webrtc="yes",
        dtls_auto_generate_cert="yes",
        disallow="all",
        allow="opus,alaw",
        direct_media="no",
        send_connected_line="no",
        rtp_timeout=30,
        rtp_timeout_hold=0,
        language="fr",
        media_address=outside or "127.0.0.1",
        bind_rtp_to_media_address="no" if outside else "yes",
        aors=name,
        auth=name,
        **({"callerid": f"<{endpoint.caller}>"} if endpoint.caller else {}),
    )
    return [(f"{DYNAMIC}/{kind}/{name}", body) for kind, body in (("auth", auth), ("aor", aor), ("endpoint", phone))]


async def push(ari: Ari, endpoint: Endpoint) -> None:
    """Let this browser register."""
    for path, body in written(endpoint):
        await ari.put(path, body)


async def remove(ari: Ari, name: str, channels: Iterable[str] = ()) -> None:
    """Its calls end now, and it can neither call nor be called nor register again."""
    for kind in ("endpoint", "auth", "aor"):
        await ari.tidy(ari.delete(f"{DYNAMIC}/{kind}/{name}"))
    for channel in channels:
        await ari.tidy(ari.delete(f"channels/{channel}"))


async def sync(ari: Ari, wanted: Iterable[Endpoint]) -> None:
    """Make Asterisk's softphones those that are wanted; one already there is left as it is."""
    known = {
        one["resource"]: one["channel_ids"]
        for one in await ari.get("endpoints/PJSIP")
        if OURS.fullmatch(one["resource"])
    }
    living = {endpoint.username: endpoint for endpoint in wanted}
    for name in known.keys() - living.keys():
        await remove(ari, name, known[name])
    await asyncio.gather(*(push(ari, living[name]) for name in living.keys() - known.keys()))


async def registered(ari: Ari) -> set[str]:
    """The softphones that may be rung now."""
    return {one["resource"] for one in await ari.get("endpoints/PJSIP") if one["state"] == "online"}


def fields(**columns: object) -> dict[str, Any]:
    return {"fields": [{"attribute": name, "value": str(value)} for name, value in columns.items()]}


def demo_caller(*, session: str) -> Credentials:
    """Credentials of the demonstration's caller page, derived from its session: nothing is kept.

    Asterisk learns them at once, and the daemon tells it again when it was restarted.
    """
    username = f"demo-{_derived('name', session)[:12]}"
    address = f"http://{settings.ASTERISK_HTTP}/ari/"
    authorization = b64encode(f"{settings.ARI_USER}:{settings.ARI_PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
    with suppress(OSError):  # no telephone: the page says so when it calls
        for path, body in written(demo_endpoint(username)):
            asked = Request(address + path, json.dumps(body).encode(), headers, method="PUT")  # noqa: S310 - Asterisk
            urlopen(asked, timeout=2).close()  # noqa: S310
    tell(CHANNEL, DEMO_CALLER, username)
    return Credentials(username, _derived("password", username), REALM)


def demo_endpoint(username: str) -> Endpoint:
    """A caller from 06 39 98, the range reserved for fiction."""
    number = int(_derived("number", username)[:8], 16) % 10_000
    caller = f"+3363998{number:04d}"
    return Endpoint(username, digest(username, _derived("password", username)), "from-demo", caller)


def demo_callers() -> list[Endpoint]:
    """Those who asked for credentials within the hour; none unless this is a demonstration."""
    if not settings.DEMO:
        return []
    asked = Notice.objects.filter(channel=CHANNEL, kind=DEMO_CALLER, at__gt=now() - DEMO_LIFETIME)
    return [demo_endpoint(username) for username in sorted(set(asked.values_list("subject", flat=True)))]


def _derived(purpose: str, subject: str) -> str:
    told = f"demo caller|{purpose}|{subject}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), told, hashlib.sha256).hexdigest()
