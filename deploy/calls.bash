# shellcheck shell=bash
# All calls of `frontdesk` made by the scripts of this folder, one function each, so that a changed flag is updated in one place.
# Sourced; the caller sets $frontdesk to the program and $folder to the desk's folder.

# Runs the whole desk in this folder, on free ports, until SIGTERM. Prints the combined log of all services.
desk_up() { exec "${frontdesk:?}" up --folder "${folder:?}" "$@"; }

# Returns when every service is ready, and fails after $1 seconds.
desk_wait() { exec "$frontdesk" status --folder "$folder" --wait --timeout "$1s"; }

# The table of services, backlog, late tickets and dead letters.
desk_status() { "$frontdesk" status --folder "$folder"; }

# Puts a policy file into force.
desk_apply() { "$frontdesk" apply --folder "$folder" "$1"; }

# $1 agents that sign in, accept, reply and resolve, until SIGTERM.
desk_agents() { exec "$frontdesk" agents simulate "$1" --folder "$folder"; }

# Fetches the replies of all channels, as the channels' systems would, until SIGTERM. Prints them as lines of JSON.
desk_replies() { exec "$frontdesk" replies --folder "$folder" --follow; }

# Sends a file of messages ($2) by `http` or `zeromq` ($1). Run in the background, as all that `exec`: its process id is the program's.
desk_send() { exec "$frontdesk" send --folder "$folder" --via "$1" "$2"; }

# Sends $2 of the project's own samples, varied, by $1; ids start with $3, so that two runs do not collide.
desk_send_samples() { exec "$frontdesk" send --folder "$folder" --via "$1" --samples "$2" --prefix "$3"; }

# The same samples with at most $4 a second over HTTP, ids after $2; what is acknowledged, and when, is logged to $3.
desk_send_logged() { exec "$frontdesk" send --folder "$folder" --via http --samples "$1" --prefix "$2" --acknowledged "$3" --rate "$4"; }

# The summary of all sent messages, once they are decided or after $1 seconds; fails unless the ledger finds each exactly once.
desk_summary() { "$frontdesk" summary --folder "$folder" --wait --timeout "$1s"; }

# Prints a link that signs a person in to the desk's pages, once, within $1. The rest names the person: `--agent ID`, or `--role ROLE`.
desk_sign_in_link() { "$frontdesk" keys invite --folder "$folder" --for "$1" "${@:2}" --label "deploy script" 2>/dev/null; }

# Prints NAME=VALUE lines for a client of the channel $1: FRONTDESK_URL and FRONTDESK_KEY (HTTP), FRONTDESK_CHANNEL_ENDPOINT,
# FRONTDESK_SERVER_KEY, FRONTDESK_PUBLIC_KEY and FRONTDESK_SECRET_KEY (ZeroMQ), FRONTDESK_CONSOLE_URL. Creates the keys.
desk_client_environment() { "$frontdesk" keys create --folder "$folder" --channel "$1" --label "deploy script" --environment; }
