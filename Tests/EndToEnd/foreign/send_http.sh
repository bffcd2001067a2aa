#!/usr/bin/env bash
# Sends messages to a desk over HTTP, using only curl (and jq, for a single message given as text).
#
#   FRONTDESK_KEY=… send_http.sh "Where is my parcel?"       one message (FRONTDESK_URL, default http://127.0.0.1:8080)
#   FRONTDESK_KEY=… send_http.sh --input messages.ndjson     one JSON object per line, with id, customer and text
#
# Prints the body of the answer. Exits with 0 for a 2xx, 1 when the desk refused, 2 when it could not be reached.
set -euo pipefail

url=${FRONTDESK_URL:-http://127.0.0.1:8080}
: "${FRONTDESK_KEY:?is not set. It is the key of a channel, as printed by frontdesk keys create}"

if [[ $# -eq 2 && $1 == --input ]]; then
  type=application/x-ndjson
  body=(--data-binary "@$2")
elif [[ $# -eq 1 && $1 != -* ]]; then
  type=application/json
  # The text may contain quotes, line ends and any script: only a JSON encoder escapes all of them correctly.
  body=(--data-binary "$(jq --null-input --compact-output --arg text "$1" --arg id "curl-$(date +%s%N)-$$" \
    '{id: $id, customer: "curl-customer", text: $text}')")
else
  sed -nE '2,/^[^#]/s/^# ?//p' "$0" >&2
  exit 64
fi

answer=$(mktemp)
trap 'rm -f -- "$answer"' EXIT

# The key is passed on standard input, so that it is not visible in process lists. A retry after a broken connection is harmless,
# because each message carries its id.
status=$(curl --silent --show-error --max-time 10 --retry 3 --retry-connrefused --config - \
  --header "Content-Type: $type" "${body[@]}" --output "$answer" --write-out '%{http_code}' \
  "$url/v1/messages" <<<"header = \"Authorization: Bearer $FRONTDESK_KEY\"") || exit 2
cat -- "$answer"
echo
[[ $status == 2?? ]] || {
  printf 'the desk answered %s\n' "$status" >&2
  exit 1
}
