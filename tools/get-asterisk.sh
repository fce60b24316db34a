#!/bin/sh
# get-asterisk.sh [FOLDER]: a minimal Debian sid with Asterisk, from the mirror that this machine already uses.
# As root on Debian or Ubuntu, with mmdebstrap. Whether stale releases are accepted is the host's own apt setting,
# inherited and never waived here; signatures are always checked. Where that fails, a container engine may do.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-var/asterisk}

container() {
  for engine in docker podman; do
    if command -v "$engine" >/dev/null && "$engine" info >/dev/null 2>&1; then
      "$engine" build --tag permanence-asterisk "$here/deploy/asterisk"
      exit
    fi
  done
  echo "No Asterisk: it needs root and mmdebstrap on Debian or Ubuntu, or a running docker or podman." >&2
  exit 1
}

[ "$(id -u)" = 0 ] && command -v mmdebstrap >/dev/null && command -v apt-get >/dev/null || container
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" | grep -v security | sort -u | head -1)
[ -n "$mirror" ] || { echo "No package mirror is configured for $codename." >&2; container; }
fresh=$(apt-config dump Acquire::Check-Valid-Until)
[ -z "$fresh" ] || echo "Inherited from this machine's apt: $fresh" >&2

# Built beside and moved when whole: a half-made folder is never taken for an Asterisk.
mkdir -p "$(dirname "$target")"
room=$(mktemp -d "$(dirname "$target")/.asterisk-XXXXXX")
log=$(mktemp)
trap 'rm -rf "$room" "$log"' EXIT
if mmdebstrap --mode=root --variant=minbase --aptopt='APT::Install-Recommends "false"' ${fresh:+"--aptopt=$fresh"} \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --include=asterisk,asterisk-modules,asterisk-config,asterisk-core-sounds-fr-wav,asterisk-core-sounds-en-wav,asterisk-moh-opsound-wav,ca-certificates \
  sid "$room/root" "deb $mirror sid main" >"$log" 2>&1; then
  ln -sfn fr_CA_f_June "$room/root/usr/share/asterisk/sounds/fr"
  mkdir -p "$room/root/srv/permanence"
  rm -rf "$target"
  mv "$room/root" "$target"
else
  tail -n 20 "$log" >&2
  container
fi
