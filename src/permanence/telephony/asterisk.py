"""Which Asterisk carries the calls, its configuration, and how it is started: one engine per installation.

Its configuration, spool and socket live in ``<data>/asterisk``, which the chroot and the container see as
``/srv/permanence``. Order: an Asterisk on PATH, a chroot made by ``tools/get-asterisk.sh``, a container image, none.
"""

import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

CONF = Path(__file__).parent / "asterisk_conf"
OLDEST = 18
IMAGE = "permanence-asterisk"
INSIDE = "/srv/permanence"
LONGEST_CALL_SECONDS = 4 * 3600
UNUSED = (  # Asterisk reads them whether we need them or not: each that is absent is an error in its log
    *("acl", "ccss", "cel", "features", "geolocation", "manager", "pjproject"),
    *("queuerules", "statsd", "stasis", "udptl", "websocket_client"),
)
FOLDERS = ("etc", "lib/keys", "spool/recording", "spool/fallback", "run", "log", "sounds")
_SIOCGIFADDR = 0x8915
_ENTER = """
mount --make-rprivate / && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" \
  && mount --bind "$2" "$1/srv/permanence" && ulimit -n "$(ulimit -Hn)" \
  && exec chroot "$1" asterisk -f -U asterisk -C /srv/permanence/etc/asterisk.conf
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """One Asterisk that we may start. ``base`` is our folder as Asterisk sees it, ``root`` the tree it runs in."""

    kind: str
    root: Path
    base: str
    program: str

    @property
    def argv(self) -> list[str]:
        """Runs in the foreground until SIGTERM."""
        folder = str(home())
        if self.kind == "chroot":
            return ["unshare", "--mount", "sh", "-c", _ENTER, "sh", str(self.root), folder]
        if self.kind == "container":
            name = f"permanence-asterisk-{settings.SIP_PORT}"
            mount = f"{folder}:{INSIDE}"
            return [self.program, "run", "--rm", "--name", name, "--network", "host", "--volume", mount, IMAGE]
        return [self.program, "-f", "-C", f"{self.base}/etc/asterisk.conf"]


def home() -> Path:
    """Everything of this installation that Asterisk reads or writes."""
    return Path(settings.DATA) / "asterisk"


@cache
def find() -> Engine | None:
    """The first Asterisk that may be used here, or None: the product then runs without a telephone."""
    if (program := shutil.which("asterisk")) and _version(program) >= OLDEST:
        return Engine("host", Path("/"), str(home()), program)
    root = Path(settings.ASTERISK_ROOT)
    if os.geteuid() == 0 and shutil.which("unshare") and (root / "usr/sbin/asterisk").exists():
        return Engine("chroot", root, INSIDE, "asterisk")
    for container in filter(None, map(shutil.which, ("docker", "podman"))):
        if subprocess.run([container, "image", "inspect", IMAGE], capture_output=True, check=False).returncode == 0:
            return Engine("container", Path("/"), INSIDE, container)
    return None


def _version(program: str) -> int:
    """The major version, 0 when it does not say."""
    said = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"Asterisk (?:certified/)?(\d+)", said)
    return int(found[1]) if found else 0


def prepare(engine: Engine) -> None:
    """Make the folders, render the configuration and end an Asterisk left over by a supervisor that was killed."""
    end_leftover()
    for folder in FOLDERS:
        (home() / folder).mkdir(parents=True, exist_ok=True)
    values = _values(engine)
    for name in UNUSED:
        (home() / "etc" / f"{name}.conf").touch()
    for template in CONF.glob("*.conf"):
        place = home() / "etc" / template.name
        place.touch(mode=0o640)
        place.write_text(render(template.read_text(), values))
    if engine.kind == "chroot":
        (engine.root / INSIDE.lstrip("/")).mkdir(parents=True, exist_ok=True)
        french = engine.root / "usr/share/asterisk/sounds/fr"
        if not french.exists() and (french.parent / "fr_CA_f_June").exists():
            french.symlink_to("fr_CA_f_June")
    if os.geteuid() == 0 and (owner := _owner(engine.root)):
        for path in (home(), *home().rglob("*")):
            os.chown(path, *owner, follow_symlinks=False)


def _owner(root: Path) -> tuple[int, int] | None:
    """The user that Asterisk becomes in a chroot; elsewhere it stays who started it."""
    if root == Path("/"):
        return None
    for line in (root / "etc/passwd").read_text().splitlines():
        name, _, uid, gid, *_ = line.split(":")
        if name == "asterisk":
            return int(uid), int(gid)
    return None


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill each ``@name@``; an unknown name is a bug and raises KeyError."""
    return re.sub(r"@([a-z_]+)@", lambda found: values[found[1]], template)


def _first(root: Path, *patterns: str) -> str:
    found = [path for pattern in patterns for path in sorted(root.glob(pattern))]
    return "/" + str(found[0].relative_to(root)) if found else "/" + patterns[0]


def _values(engine: Engine) -> dict[str, str]:
    host, _, port = settings.ASTERISK_HTTP.rpartition(":")
    first, _, last = settings.RTP_PORTS.partition("-")
    return {
        "base": engine.base,
        "modules": _first(
            engine.root,
            "usr/lib/*/asterisk/modules",
            "usr/lib/asterisk/modules",
            "usr/lib64/asterisk/modules",
            "usr/local/lib/asterisk/modules",
        ),
        "share": _first(engine.root, "usr/share/asterisk", "var/lib/asterisk"),
        "node": settings.TELEPHONY_NODE,
        "http_host": host,
        "http_port": port,
        "ari_user": settings.ARI_USER,
        "ari_password": settings.ARI_PASSWORD,
        "rtp_first": first,
        "rtp_last": last,
        "longest": str(LONGEST_CALL_SECONDS),
        **_network(),
        **_trunk(),
    }


def _network() -> dict[str, str]:
    """On loopback by default; with PERMANENCE_MEDIA_ADDRESS, reachable at that address from outside."""
    outside = settings.MEDIA_ADDRESS
    own = [address for address in addresses() if not address.startswith("127.")]
    announced = outside or "127.0.0.1"
    return {
        "sip_bind": settings.SIP_BIND,
        "sip_port": str(settings.SIP_PORT),
        "outside": f"external_media_address = {outside}\nexternal_signaling_address = {outside}\n" if outside else "",
        "media_address": announced,
        "bind_media": "no" if outside else "yes",
        # A browser on this machine reaches us on loopback only if the addresses that we gather are announced as such.
        "candidates": "\n".join(f"{address} => {announced}" for address in own),
    }


def _trunk() -> dict[str, str]:
    """The operator's side. Without one, callers come from this machine only."""
    host, user, password = settings.TRUNK_HOST, settings.TRUNK_USER, settings.TRUNK_PASSWORD
    matches = settings.TRUNK_ADDRESSES or [host.split(":")[0]]
    auth = registration = ""
    if user:
        auth = "outbound_auth = trunk\n"
        registration = (
            f"\n[trunk]\ntype = auth\nauth_type = userpass\nusername = {user}\npassword = {password}\n"
            f"\n[trunk]\ntype = registration\ntransport = udp\noutbound_auth = trunk\nserver_uri = sip:{host}\n"
            f"client_uri = sip:{user}@{host.split(':')[0]}\nretry_interval = 30\nexpiration = 600\nline = no\n"
        )
    return {
        "trunk_host": host,
        "trunk_matches": "\n".join(f"match = {address}" for address in matches),
        "trunk_auth": auth,
        "registration": registration,
    }


def addresses() -> list[str]:
    """This machine's own IPv4 addresses."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an address
                answer = fcntl.ioctl(probe, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                found.append(socket.inet_ntoa(answer[20:24]))
    return found


def console(command: str, *, timeout: float = 30) -> str:
    """What Asterisk's own console answers. Raises OSError when it does not run."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(timeout)
        with _short(home() / "run") as folder:
            link.connect(f"{folder}/asterisk.ctl")
        link.sendall(b"cli quit after " + command.encode() + b"\0")
        said = b""
        while part := link.recv(65536):
            said += part
    return said.replace(b"\0", b"").decode(errors="replace")


class _short:  # noqa: N801 - used like a function
    """A path short enough for a socket's address, whatever the folder's depth."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> str:
        self._descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._descriptor}"

    def __exit__(self, *error: object) -> None:
        os.close(self._descriptor)


def is_booted() -> bool:
    """Fully booted, not only listening: a softphone that connects earlier is refused."""
    try:
        return "fully booted" in console("core waitfullybooted", timeout=10)
    except OSError:
        return False


def end_leftover() -> None:
    """Stop the Asterisk of this very folder that outlived its supervisor: it holds our ports."""
    with suppress(OSError):
        console("core stop now", timeout=2)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            console("core show uptime", timeout=1)
        except OSError:
            return
        time.sleep(0.1)
