#!/bin/sh
# Opens the sealed bundle of one gateway on that gateway, with age, tar, ssh-keygen and sha256sum, and installs it.
#   open-bundle.sh GATEWAY KEY FOLDER real|practice
# The last line that it prints is "installed" or "unchanged". If anything is wrong it prints why, and FOLDER/current stays.
# Every check is one of "Opened with stock tools" and "Rules for a reader" in the description of the format.
set -eu
umask 077
export LC_ALL=C
gateway=$1 key=$2 folder=$3 kind=$4
sealed=$folder/incoming/$gateway.tar.age
signers=$folder/incoming/allowed_signers
receipt=$folder/$gateway.gatehouse.receipt

refuse() {
  echo "$gateway: $1 Nothing was changed." >&2
  exit 1
}

for program in age tar ssh-keygen sha256sum awk; do
  command -v "$program" >/dev/null || refuse "The program $program is needed and is not installed."
done
[ -r "$key" ] || refuse "The key $key is not there, or may not be read."
[ "$(wc -c <"$sealed")" -le 5242880 ] || refuse "The sealed file is larger than a bundle can be."

exec 9>"$folder/.lock"
if command -v flock >/dev/null; then
  flock -n 9 || refuse "Another program is installing into $folder now."
fi
draft=$folder/releases/.draft
trap 'rm -rf "$draft"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$folder/releases"
rm -rf "$draft"
mkdir "$draft"
cd "$draft"

age -d -i "$key" -o .bundle.tar "$sealed" || refuse "The bundle is not sealed to this host's key, or was changed."
tar -xf .bundle.tar manifest.json manifest.json.sig SHA256SUMS
ssh-keygen -Y verify -f "$signers" -I gatehouse -n gatehouse-bundle -s manifest.json.sig <manifest.json >/dev/null ||
  refuse "The bundle is not signed by a key in allowed_signers."

# The signature holds, so the manifest has the one spelling that the format allows: one field a line.
text() { sed -n "s/^  \"$1\": \"\(.*\)\",\$/\1/p" "${2:-manifest.json}"; }
plain() { sed -n "s/^  \"$1\": \([^\"]*\),\$/\1/p" "${2:-manifest.json}"; }

[ "$(text format)" = gatehouse.bundle/1 ] || refuse "The bundle has a version that this script does not know."
[ "$(text gateway)" = "$gateway" ] || refuse "The bundle is for the gateway $(text gateway)."
case "$(plain practice)/$kind" in
  false/real | true/practice) ;;
  *) refuse "A bundle of the practice tenant and a real gateway do not belong together." ;;
esac
own=$(ssh-keygen -lf "$key" 2>/dev/null | cut -d' ' -f2) || own=
[ -n "$own" ] || own=$(age-keygen -y "$key" 2>/dev/null) || own=
[ "$(text recipient)" = "$own" ] || refuse "The bundle was sealed for $(text recipient); this host's key is $own."
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
awk -v now="$now" -v end="$(text ends_at)" 'BEGIN { exit !(now < end) }' ||
  refuse "The bundle ended at $(text ends_at); here it is $now."
sequence=$(plain sequence)
installed=0
if [ -e "$folder/current/manifest.json" ]; then
  installed=$(plain sequence "$folder/current/manifest.json")
fi
[ "$sequence" -ge "$installed" ] || refuse "The bundle has the number $sequence; number $installed is installed."

[ "$(text sha256sums)" = "$(sha256sum SHA256SUMS | cut -c1-64)" ] || refuse "SHA256SUMS is not the signed one."
cut -c67- SHA256SUMS >.names
tar -xf .bundle.tar -T .names
sha256sum --strict --status -c SHA256SUMS || refuse "A file in the bundle is not the signed one."
awk -F'"' '/^      "name": "/ { name = $4 } /^      "mode": "/ { print $4, name }' manifest.json >.modes
while read -r mode name; do
  chmod "$mode" "$name"
done <.modes
rm .bundle.tar .names .modes

outcome=installed
if [ "$sequence" -eq "$installed" ]; then
  cmp -s manifest.json "$folder/current/manifest.json" ||
    refuse "Another bundle with the number $sequence is installed."
  if (cd "$folder/current" && sha256sum --strict --status -c SHA256SUMS); then
    outcome=unchanged
  fi
fi

if [ $outcome = installed ]; then
  name=$sequence
  number=1
  while [ -e "$folder/releases/$name" ]; do
    number=$((number + 1))
    name=$sequence-$number
  done
  before=$(readlink "$folder/current" || true)
  sync
  mv "$draft" "$folder/releases/$name"
  if [ -n "$before" ] && [ -e "$folder/$before" ] && [ "$sequence" -ne "$installed" ]; then
    ln -sfn "$before" "$folder/.previous.new"
    mv -T "$folder/.previous.new" "$folder/previous"
  fi
  ln -sfn "releases/$name" "$folder/.current.new"
  mv -T "$folder/.current.new" "$folder/current"
  sync
  kept=$(basename "$(readlink "$folder/previous" || echo none)")
  for release in "$folder"/releases/*; do
    case "${release##*/}" in
      "$name" | "$kept") ;;
      *) rm -rf "$release" ;;
    esac
  done
fi

# An age key cannot sign, so such a gateway gives no receipt.
manifest=$(sha256sum "$folder/current/manifest.json" | cut -c1-64)
case $own in SHA256:*)
  if [ $outcome = installed ] || ! grep -qsF "\"manifest_sha256\":\"$manifest\"" "$receipt"; then
    cd "$folder"
    rm -f .receipt.json .receipt.json.sig
    printf '{"format":"gatehouse.receipt/1","gateway":"%s","bundle_sequence":%s,"manifest_sha256":"%s","credential_id":"%s","opened_at":"%s","self_test":{"outcome":"not-run"}}\n' \
      "$gateway" "$sequence" "$manifest" "$(text credential_id current/manifest.json)" "$now" >.receipt.json
    ssh-keygen -q -Y sign -f "$key" -n gatehouse-receipt .receipt.json
    cat .receipt.json .receipt.json.sig >".receipt.new"
    rm -f .receipt.json .receipt.json.sig
    mv .receipt.new "$receipt"
  fi
  ;;
esac
echo "$outcome"
