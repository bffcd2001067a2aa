# shellcheck shell=bash
# Every call of `frontdesk` that the scripts of this folder make, one function each, so that a changed flag is changed in one place.
# Sourced; the caller sets $frontdesk to the program and $folder to the desk's folder.

# Runs the whole desk in this folder, on free ports, until SIGTERM. Prints the combined log of all services.
desk_up() { exec "${frontdesk:?}" up --folder "${folder:?}" "$@"; }

# Ends when every service is ready, and fails after $1 seconds.
desk_wait() { exec "$frontdesk" status --folder "$folder" --wait --timeout "$1s"; }

# The table of services, backlog, late tickets and dead letters.
desk_status() { "$frontdesk" status --folder "$folder"; }

# Puts a policy file into force.
desk_apply() { "$frontdesk" apply --folder "$folder" "$1"; }

# $1 agents that come, accept, answer and resolve, until SIGTERM.
desk_agents() { exec "$frontdesk" agents simulate "$1" --folder "$folder"; }

# Sends a file of messages ($2) by `http` or `zeromq` ($1). In the background, as all that `exec`: its process id is the program's.
desk_send() { exec "$frontdesk" send --folder "$folder" --via "$1" "$2"; }

# Sends $2 of the project's own samples, varied, by $1; ids begin with $3, so that two runs of it do not meet.
desk_send_samples() { exec "$frontdesk" send --folder "$folder" --via "$1" --samples "$2" --prefix "$3"; }

# What became of all that was sent, once it is settled or $1 seconds are over; fails unless the ledger finds all of it, once.
desk_summary() { "$frontdesk" summary --folder "$folder" --wait --timeout "$1s"; }

# Prints lines NAME=VALUE for a client of the channel $1: FRONTDESK_URL and FRONTDESK_KEY (HTTP), FRONTDESK_CHANNEL_ENDPOINT,
# FRONTDESK_SERVER_KEY, FRONTDESK_PUBLIC_KEY and FRONTDESK_SECRET_KEY (ZeroMQ), FRONTDESK_CONSOLE_URL. Makes the keys.
desk_client_environment() { "$frontdesk" keys create --folder "$folder" --channel "$1" --label "deploy script" --environment; }
