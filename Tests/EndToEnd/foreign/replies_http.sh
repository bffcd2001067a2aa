#!/usr/bin/env bash
# Fetches replies from a desk over HTTP, using only curl and jq.
#
#   FRONTDESK_KEY=… replies_http.sh [CURSOR]           one page, behind the cursor (FRONTDESK_URL, default http://127.0.0.1:8080)
#   FRONTDESK_KEY=… replies_http.sh --stream [CURSOR]  the first event of the stream
#   FRONTDESK_KEY=… replies_http.sh --receipt ID STATE reports a state of a reply
#
# Prints one reply, or the result, per line. Exits with 0 for a 2xx, 1 when the desk refused, 2 when it could not be reached.
set -euo pipefail

url=${FRONTDESK_URL:-http://127.0.0.1:8080}
: "${FRONTDESK_KEY:?is not set. It is the key of a channel, as printed by frontdesk keys create}"
# The key is passed on standard input, so that it is not visible in process lists.
authorization="header = \"Authorization: Bearer $FRONTDESK_KEY\""
answer=$(mktemp)
trap 'rm -f -- "$answer"' EXIT

case ${1-} in
  --stream)
    # Ends when the first event is complete; curl then reports a closed pipe.
    curl --silent --show-error --no-buffer --max-time 30 --config - ${2:+--header "Last-Event-ID: $2"} "$url/v1/replies/stream" \
      <<<"$authorization" 2>/dev/null | sed -n '/^data: /{s/^data: //p;q;}' || true
    exit 0
    ;;
  --receipt)
    [[ $# -eq 3 ]] || exit 64
    status=$(curl --silent --show-error --max-time 10 --config - --header 'Content-Type: application/json' --output "$answer" \
      --write-out '%{http_code}' --data-binary "$(jq --null-input --compact-output --arg id "$2" --arg state "$3" \
        '{receipts: [{reply_id: $id, state: $state}]}')" "$url/v1/replies/receipts" <<<"$authorization") || exit 2
    list=results
    ;;
  *)
    status=$(curl --silent --show-error --max-time 10 --config - --output "$answer" --write-out '%{http_code}' \
      "$url/v1/replies?after=${1:-0}" <<<"$authorization") || exit 2
    list=replies
    ;;
esac
[[ $status == 2?? ]] || {
  cat -- "$answer" >&2
  printf '\nthe desk answered %s\n' "$status" >&2
  exit 1
}
jq --compact-output ".${list}[]" "$answer"
