#!/bin/sh
# Opens the sealed bundle of one gateway on that gateway, and installs it: with gatehouse where that is installed, and
# elsewhere with age, tar, ssh-keygen and sha256sum. With "try", the new credential has to work before it takes the old
# one's place; without gatehouse that needs curl, and for a certificate openssl too.
#   open-bundle.sh GATEWAY KEY FOLDER real|practice try|trust
# The last line that it prints is "installed" or "unchanged". If anything is wrong it prints why, and FOLDER/current stays.
# Every check is one of "Opened with stock tools" and "Rules for a reader" in the description of the format.
set -eu
umask 077
export LC_ALL=C
# Programs of the host's own that sudo leaves out on some systems.
PATH=$PATH:/usr/local/bin
gateway=$1 key=$2 folder=$3 kind=$4 trial=$5
sealed=$folder/incoming/$gateway.tar.age
signers=$folder/incoming/allowed_signers
receipt=$folder/$gateway.gatehouse.receipt

refuse() {
  echo "$gateway: $1 Nothing was changed." >&2
  exit 1
}

[ -r "$key" ] || refuse "The key $key is not there, or may not be read."

# An age key cannot sign, so such a gateway gives no receipt.
answers=no
if grep -q '^-----BEGIN' "$key"; then answers=yes; fi

if gatehouse bundle open --help >/dev/null 2>&1; then
  set -- bundle open "$sealed" --signers "$signers" --key "$key" --gateway "$gateway" --to "$folder"
  if [ "$kind" = practice ]; then set -- "$@" --practice; fi
  if [ "$trial" = try ]; then set -- "$@" --self-test; fi
  if [ $answers = yes ]; then set -- "$@" --receipt "$receipt"; fi
  before=$(readlink "$folder/current" || true)
  NO_COLOR=1 gatehouse "$@"
  if [ "$(readlink "$folder/current")" = "$before" ]; then echo unchanged; else echo installed; fi
  exit
fi

for program in age tar ssh-keygen sha256sum awk find; do
  command -v "$program" >/dev/null || refuse "The program $program is needed and is not installed."
done
[ "$(wc -c <"$sealed")" -le 5242880 ] || refuse "The sealed file is larger than a bundle can be."
# In blocks of 512 bytes: as much as the sealed file may have.
ulimit -f 10240

mkdir -p "$folder/releases"
others=$(find -H "$folder" "$folder/releases" -prune \
  \( -perm -020 -o -perm -002 -o ! -type d -o ! \( -user 0 -o -user "$(id -u)" \) \) -print)
[ -z "$others" ] || refuse "Other accounts may write to $others."
exec 9>"$folder/.lock"
if command -v flock >/dev/null; then
  flock -n 9 || refuse "Another program is installing into $folder now."
fi
draft=$folder/releases/.draft
trap 'rm -rf "$draft"' EXIT
trap 'exit 1' HUP INT TERM
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
if [ -e "$folder/current" ] || [ -L "$folder/current" ] || [ -L "$folder/previous" ]; then
  if [ -L "$folder/current" ] && [ -r "$folder/current/manifest.json" ]; then
    installed=$(plain sequence "$folder/current/manifest.json")
  fi
  [ "${installed:-0}" -gt 0 ] || refuse "Which bundle is installed cannot be told: look at $folder/current."
fi
[ "$sequence" -ge "$installed" ] || refuse "The bundle has the number $sequence; number $installed is installed."

[ "$(text sha256sums)" = "$(sha256sum SHA256SUMS | cut -c1-64)" ] || refuse "SHA256SUMS is not the signed one."
cut -c67- SHA256SUMS >.names
tar -xf .bundle.tar -T .names
[ -z "$(find . ! -type d \( ! -type f -o -links +1 \))" ] || refuse "A file in the bundle is a link."
sha256sum --strict --status -c SHA256SUMS || refuse "A file in the bundle is not the signed one."
awk -F'"' '/^      "name": "/ { name = $4 } /^      "mode": "/ { print $4, name }' manifest.json >.modes
while read -r mode name; do
  chmod "$mode" "$name"
done <.modes
# Whoever may read the folder of releases may read what is installed.
if [ -n "$(find "$folder/releases" -prune -perm -050 -print)" ]; then
  readers=$(ls -nd "$folder/releases/." | awk '{ print $4 }')
  while read -r mode name; do
    chgrp "$readers" "$name"
    chmod g+rX "$name"
  done <.modes
  find . -type d -exec chgrp "$readers" {} + -exec chmod 0750 {} +
fi
rm .bundle.tar .names .modes

outcome=installed
release=$draft
if [ "$sequence" -eq "$installed" ]; then
  cmp -s manifest.json "$folder/current/manifest.json" ||
    refuse "Another bundle with the number $sequence is installed."
  if (cd "$folder/current" && sha256sum --strict --status -c SHA256SUMS); then
    outcome=unchanged
    release=$folder/current
  fi
fi

# What FORMAT.md says about self-test.json. Credential and token go by files that only this account may read, never as an
# argument. Prints the outcome as a receipt tells it.
self_test() (
  cd "$release"
  string() { sed -n "s/^ *\"$1\": \"\([^\"\\\\]*\)\",\{0,1\}\$/\1/p" self-test.json; }
  failed() {
    printf '{"outcome":"failed","code":"%s"}' "$(printf %s "$1" | tr -cd 'A-Za-z0-9._-' | cut -c1-64)"
    exit
  }
  not_run() {
    echo "$gateway: The credential was not tried: $1." >&2
    printf '{"outcome":"not-run"}'
    exit
  }
  command -v curl >/dev/null || not_run "the program curl is not installed"
  grep -qsF '"format": "gatehouse.self-test/1"' self-test.json || not_run "the bundle has no self-test"
  answer=$draft/.answer header=$draft/.header assertion=$draft/.assertion
  trap 'rm -f "$answer" "$header" "$assertion"' EXIT
  ca=$(string ca_file) file=$(string file) id=$(string client_id) to=$(string url | sed -n 1p)
  ask() { curl -q -sS -g --proto =https --max-time 30 ${ca:+--cacert "$ca"} -o "$answer" -w '%{http_code}' "$@"; }
  found() { tr -d '\r\n' <"$answer" | grep -o "$1" | sed -n '1s/.*"\([^"]*\)"$/\1/p'; }
  set -- --data-urlencode "client_id=$id" --data-urlencode "grant_type=$(string grant_type)" \
    --data-urlencode "scope=$(string scope)"
  case $(string field) in
    client_secret) set -- "$@" --data-urlencode "client_secret@$file" ;;
    client_assertion)
      command -v openssl >/dev/null || not_run "the program openssl is not installed"
      base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
      at=$(date +%s)
      head=$(printf '{"alg":"PS256","typ":"JWT","x5t#S256":"%s"}' \
        "$(openssl x509 -in "$file" -outform DER | openssl dgst -sha256 -binary | base64url)" | base64url)
      body=$(printf '{"aud":"%s","iss":"%s","sub":"%s","jti":"%s","nbf":%s,"exp":%s}' \
        "$to" "$id" "$id" "$(openssl rand -hex 16)" $((at - 300)) $((at + 600)) | base64url)
      {
        printf %s "$head.$body."
        printf %s "$head.$body" |
          openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign "$file" | base64url
      } >"$assertion"
      [ "$(tail -c 1 "$assertion")" != . ] || failed credential-missing
      set -- "$@" --data-urlencode "client_assertion@$assertion" \
        --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer
      ;;
    *) not_run "the bundle has another kind of credential" ;;
  esac
  status=$(ask "$@" "$to") || failed "curl-$?"
  if [ "$status" != 200 ]; then
    code=$(grep -o 'AADSTS[0-9]*' "$answer" | sed -n 1p)
    [ -n "$code" ] || code=$(found '"error" *: *"[^"]*"')
    failed "${code:-http-$status}"
  fi
  {
    printf 'Authorization: Bearer '
    found '"access_token" *: *"[^"]*"'
  } >"$header"
  claims=$(cut -d. -f2 "$header" | tr -- '-_' '+/')
  while [ $((${#claims} % 4)) -ne 0 ]; do claims=$claims=; done
  roles=$(printf %s "$claims" | base64 -d 2>/dev/null | grep -o '"roles" *: *\[[^]]*\]') || roles=
  for role in $(sed -n '/^  "expected_roles": \[/,/\]/s/^    "\(.*\)",\{0,1\}$/\1/p' self-test.json); do
    holds=no
    for held in "$role" $(wider "$role"); do
      case $roles in *"\"$held\""*) holds=yes ;; esac
    done
    [ $holds = yes ] || failed consent-missing
  done
  status=$(ask -H @"$header" "$(string url | sed -n 2p)") || failed "curl-$?"
  if [ "$status" != 200 ]; then
    code=$(found '"code" *: *"[^"]*"')
    failed "${code:-http-$status}"
  fi
  printf '{"outcome":"ok"}'
)

# The permissions that include another one.
wider() {
  case $1 in
    User.Read.All) echo User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All ;;
    Group.Read.All) echo Group.ReadWrite.All Directory.Read.All Directory.ReadWrite.All ;;
    GroupMember.Read.All)
      echo GroupMember.ReadWrite.All Group.Read.All Group.ReadWrite.All Directory.Read.All Directory.ReadWrite.All
      ;;
    Directory.Read.All) echo Directory.ReadWrite.All ;;
  esac
}

# OPENED_AT OUTCOME FOLDER TESTED_AT: signs what this gateway answers about the manifest in FOLDER, unless it answered that before.
answer() {
  [ $answers = yes ] || return 0
  line=$(printf '{"format":"gatehouse.receipt/1","gateway":"%s","bundle_sequence":%s,"manifest_sha256":"%s","credential_id":"%s","opened_at":"%s"%s,"self_test":%s}' \
    "$gateway" "$sequence" "$(sha256sum "$3/manifest.json" | cut -c1-64)" "$(text credential_id "$3/manifest.json")" "$1" "$4" "$2")
  if [ -e "$receipt" ] && [ "$(sed -n 1p "$receipt")" = "$line" ]; then return 0; fi
  new=$folder/.receipt
  rm -f "$new" "$new.sig" "$new.new"
  printf '%s\n' "$line" >"$new"
  ssh-keygen -q -Y sign -f "$key" -n gatehouse-receipt "$new"
  cat "$new" "$new.sig" >"$new.new"
  rm -f "$new" "$new.sig"
  mv "$new.new" "$receipt"
}

opened=$release/.opened.json
tried='{"outcome":"not-run"}'
if [ "$trial" = try ]; then tried=$(self_test); fi
code=$(printf %s "$tried" | sed -n 's/.*"code":"\([^"]*\)".*/\1/p')
if [ -n "$code" ] && [ $outcome = installed ]; then
  answer "$now" "{\"outcome\":\"failed\",\"code\":\"$(printf %s "held-back.$code" | cut -c1-64)\"}" "$draft" ",\"tested_at\":\"$now\""
  refuse "The bundle did not pass its self-test ($code) and was not installed."
fi
opened_at=$(sed -n 's/.*"opened_at":"\([^"]*\)".*/\1/p' "$opened" 2>/dev/null) || opened_at=
opened_at=${opened_at:-$now}
# A test with the same outcome as the last is no news.
before=$(sed -n 's/.*"self_test":\({[^}]*}\).*/\1/p' "$opened" 2>/dev/null) || before=
tested_at=$(sed -n 's/.*\(,"tested_at":"[^"]*"\).*/\1/p' "$opened" 2>/dev/null) || tested_at=
if [ $outcome = unchanged ] && [ "$tried" = '{"outcome":"not-run"}' ]; then
  # Not to have tried it this time takes nothing away from what was learned before.
  tried=${before:-$tried}
elif [ "$tried" != "$before" ]; then
  tested_at=
  [ "$tried" = '{"outcome":"not-run"}' ] || tested_at=",\"tested_at\":\"$now\""
fi
printf '{"format":"gatehouse.opened/1","opened_at":"%s"%s,"self_test":%s}' "$opened_at" "$tested_at" "$tried" >"$draft/.opened.new"
if ! cmp -s "$draft/.opened.new" "$opened"; then mv "$draft/.opened.new" "$opened"; else rm "$draft/.opened.new"; fi

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
  for release in "$folder"/releases/[0-9]*; do
    case "${release##*/}" in
      "$name" | "$kept" | *[!0-9-]*) ;;
      *)
        [ ! -d "$release" ] || rm -rf "$release" ||
          echo "$gateway: $release may hold an earlier credential and could not be taken away; take it away yourself." >&2
        ;;
    esac
  done
fi

answer "$opened_at" "$tried" "$folder/current" "$tested_at"
[ -z "$code" ] || refuse "The bundle that is installed did not pass its self-test ($code)."
echo "$outcome"
