"""What may be read of calls; another client's calls are absent, so that they are 404."""

from permanence.calls.queries.calls import (
    call_for,
    calls_of_client_on,
    calls_of_client_today,
    calls_today,
    correspondent,
    events_of,
    history_with,
    live_call,
    names_of,
    of_today,
    outbound_policy,
    waiting_calls,
)
from permanence.calls.queries.directory import (
    ClientRoute,
    Directory,
    LineRoute,
    SecretaryRoute,
    SoftphoneRoute,
    routing_directory,
)

__all__ = [
    "ClientRoute",
    "Directory",
    "LineRoute",
    "SecretaryRoute",
    "SoftphoneRoute",
    "call_for",
    "calls_of_client_on",
    "calls_of_client_today",
    "calls_today",
    "correspondent",
    "events_of",
    "history_with",
    "live_call",
    "names_of",
    "of_today",
    "outbound_policy",
    "routing_directory",
    "waiting_calls",
]
