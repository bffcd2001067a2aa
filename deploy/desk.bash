# shellcheck shell=bash
# Starts and stops a private desk from a script. Sourced, after calls.bash.

desk_pid=""
desk_waiting_pid=""
desk_folder_lock=""

# Longer than the drain of the services and PostgreSQL's last checkpoint together.
readonly desk_stop_seconds_max=90

# An unused folder: $1, or $1-2, $1-3 … while another copy runs in it. Sets $folder and holds its lock.
desk_take_folder() {
  local base=$1 number
  # PostgreSQL's socket is in the folder, and a socket's path must be short; and PostgreSQL, which refuses to run as root, needs access.
  if ((${#base} > 70)) || { [[ $EUID -eq 0 ]] && ! desk_open_to_postgres "${base%/*}"; }; then
    base="/var/tmp/frontdesk-$(printf '%s' "$base" | cksum | cut -d' ' -f1)/${base##*/}"
  fi
  mkdir -p "${base%/*}" || return 1
  for number in "" -{2..9}; do
    folder="$base$number"
    exec {desk_folder_lock}>"$folder.lock" || return 1
    flock --nonblock "$desk_folder_lock" && return 0
    exec {desk_folder_lock}>&-
  done
  printf 'nine desks are already running in %s\n' "${base%/*}" >&2
  return 1
}

# Whether the user postgres may traverse a folder and its parents; missing folders will be created with access for all.
desk_open_to_postgres() {
  local path=$1
  while [[ ! -d $path ]]; do path=${path%/*}; done
  runuser -u postgres -- test -x "${path:-/}" 2>/dev/null
}

# Starts a desk in $folder, its log in $folder.log, and returns when it is ready. $1 is the longest wait in seconds.
desk_start() {
  local seconds=$1 ended=0
  shift
  # A separate session: Ctrl-C must reach it once, as our SIGTERM, because a second signal would cut the drain short.
  (
    # The lock belongs to the script: a child must not keep it.
    [[ -z $desk_folder_lock ]] || exec {desk_folder_lock}>&-
    export -f desk_up
    export frontdesk folder
    # shellcheck disable=SC2016  # expanded by the inner shell
    exec setsid bash -c 'desk_up "$@"' desk "$@"
  ) >"$folder.log" 2>&1 </dev/null &
  desk_pid=$!
  desk_wait "$seconds" &
  desk_waiting_pid=$!
  wait -n "$desk_pid" "$desk_waiting_pid" || ended=$?
  if ! kill -0 "$desk_pid" 2>/dev/null; then
    desk_stop
    printf 'the desk exited while starting; the last lines of %s:\n' "$folder.log" >&2
    tail -n 20 "$folder.log" >&2
    return 1
  fi
  if ((ended != 0)); then
    printf 'the desk was not ready after %s s; the last lines of %s:\n' "$seconds" "$folder.log" >&2
    tail -n 20 "$folder.log" >&2
  fi
  desk_waiting_pid=""
  return "$ended"
}

# Stops the desk started by desk_start; it drains, and everything is on disk. Polls instead of using `wait`, which has no timeout and, in
# a trap that interrupted another `wait`, may miss a child that has exited meanwhile.
desk_stop() {
  if [[ -n $desk_waiting_pid ]]; then
    kill "$desk_waiting_pid" 2>/dev/null
    desk_waiting_pid=""
  fi
  [[ -n $desk_pid ]] || return 0
  kill -TERM "$desk_pid" 2>/dev/null
  local tenths
  for ((tenths = 0; tenths < desk_stop_seconds_max * 10; tenths++)); do
    kill -0 "$desk_pid" 2>/dev/null || break
    sleep 0.1
  done
  if kill -KILL "$desk_pid" 2>/dev/null; then
    printf 'the desk did not stop within %s s and was killed; see %s\n' "$desk_stop_seconds_max" "$folder.log" >&2
  fi
  desk_pid=""
}
