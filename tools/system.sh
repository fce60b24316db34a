#!/usr/bin/env bash
# Programs that no package of ours brings: `run` needs few, `test` needs all. As root on Debian or Ubuntu they are installed;
# else what is missing is said, with what one loses.
set -euo pipefail
cd "$(dirname "$0")/.."
declare -A why=(
  [espeak-ng]="greetings are spoken by it"
  [sox]="recordings are converted by it"
  [libsox-fmt-mp3]="MP3 recordings are read by it"
  [mmdebstrap]="Asterisk is brought by it, when the machine has none"
  [chromium]="browser tests"
  [libatomic1]="browser tests: their driver is linked to it"
  [sipp]="telephone tests"
  [xgettext]="the check of the French catalogue"
)
declare -A package=([sipp]=sip-tester [xgettext]=gettext)
wanted=(espeak-ng sox)
asterisk=$(command -v asterisk || true)
[ -n "$asterisk" ] || wanted+=(mmdebstrap)
[ "$1" = test ] && wanted+=(chromium sipp xgettext)

missing=()
for program in "${wanted[@]}"; do command -v "$program" >/dev/null || missing+=("$program"); done
if command -v sox >/dev/null && ! sox --help | grep -q mp3; then missing+=(libsox-fmt-mp3); fi
if [ "$1" = test ] && ! /sbin/ldconfig -p | grep -q libatomic.so.1; then missing+=(libatomic1); fi
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    packages=()
    for program in "${missing[@]}"; do packages+=("${package[$program]:-$program}"); done
    [[ " ${missing[*]} " == *" sox "* ]] && packages+=(libsox-fmt-mp3)
    echo "Installing ${packages[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  else
    for program in "${missing[@]}"; do echo "Missing: $program (${why[$program]}); needs root: apt-get install ${package[$program]:-$program}" >&2; done
  fi
fi
if [ -z "$asterisk" ] && [ ! -x var/asterisk/usr/sbin/asterisk ]; then
  if [ "$(id -u)" = 0 ] && command -v mmdebstrap >/dev/null; then
    echo "Bringing Asterisk into var/asterisk (about a minute, once)" >&2
    tools/get-asterisk.sh var/asterisk || echo "Asterisk could not be brought: Permanence starts without a telephone." >&2
  else
    echo "No Asterisk: Permanence starts without a telephone. As root on Debian or Ubuntu this command brings one." >&2
  fi
fi
