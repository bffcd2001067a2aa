# shellcheck shell=bash disable=SC2034
# The tools that deploy/test needs in addition to the compiler, in a folder of the checkout (.build-tools/), so that the machine is not changed.
# Sourced by deploy/test, which sets $project. Each `need_…` succeeds when its tool is available, else sets $tool_absence.

readonly tools_folder="${project:?}/.build-tools"
readonly cluster_python="$tools_folder/cluster"
tool_absence=""

# The tools' own folder first, so that the machine's tools do not affect the result.
tools_path() { printf '%s' "$tools_folder/python/bin:$tools_folder/debian/usr/bin:$PATH"; }

# Installs deploy/requirements/NAME.txt into the environment: exact versions, files with the recorded hashes only, and nothing that is built here.
tools_require() {
  local stamp="$tools_folder/python/$1-installed" wanted log="$tools_folder/$1.log"
  wanted=$(<"$project/deploy/requirements/$1.txt")
  [[ -f $stamp && "$(<"$stamp")" == "$wanted" ]] && return 0
  if ! "$tools_folder/python/bin/pip" install --require-hashes --only-binary :all: --quiet --disable-pip-version-check \
    --requirement "$project/deploy/requirements/$1.txt" >>"$log" 2>&1; then
    tool_absence="pip could not install deploy/requirements/$1.txt (see $log)"
    return 1
  fi
  printf '%s' "$wanted" >"$stamp"
}

need_python_tools() {
  local stamp="$tools_folder/python/tools-installed" log="$tools_folder/python.log"
  # Other versions get a new environment, so that nothing of the old ones remains.
  if [[ ! -f $stamp || "$(<"$stamp")" != "$(<"$project/deploy/requirements/tools.txt")" ]]; then
    mkdir -p "$tools_folder"
    # A venv cannot be created without Debian's python3-venv; it is retried after the install.
    if ! python3 -m venv --clear "$tools_folder/python" >"$log" 2>&1; then
      tools_apt_install python3-venv >>"$log" 2>&1 || true
      if ! python3 -m venv --clear "$tools_folder/python" >>"$log" 2>&1; then
        tool_absence="no Python environment could be made (see $log)"
        return 1
      fi
    fi
  fi
  tools_require tools
}

# Chromium with Chinese characters, and the Python packages that control it, in the environment of the other Python tools.
need_browser_tools() {
  need_python_tools && tools_require browser || return 1
  need_command chromium chromium || return 1
  # Without such a font the check would pass, but its pictures would show boxes.
  [[ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ]] && return 0
  if ! tools_apt_install fonts-wqy-microhei >"$tools_folder/fonts.log" 2>&1; then
    tool_absence="no Chinese font is installed, and Debian's package fonts-wqy-microhei could not be (see $tools_folder/fonts.log)"
    return 1
  fi
}

# Unpacked, not installed: the package would start a service.
need_promtool() {
  [[ -x "$tools_folder/debian/usr/bin/promtool" ]] && return 0
  command -v promtool >/dev/null && return 0
  need_unpacked prometheus
}

# What deploy/hosts builds its three hosts from: etcd and HAProxy (unpacked, not installed: the packages would start services), and Patroni, in an
# environment of the system's Python, because PostgreSQL's user must be able to read it.
need_cluster_tools() {
  need_command openssl openssl && need_command curl curl || return 1
  command -v etcd >/dev/null || need_unpacked etcd-server || return 1
  local package
  if ! command -v haproxy >/dev/null && [[ ! -x $tools_folder/debian/usr/sbin/haproxy ]]; then
    for package in liblua5.3-0 libopentracing1 libopentracing-c-wrapper0 haproxy; do need_unpacked "$package" || return 1; done
  fi
  local requirements=$project/deploy/requirements/cluster.txt stamp=$cluster_python/installed log=$tools_folder/cluster.log
  [[ -f $stamp ]] && cmp --silent "$stamp" "$requirements" && return 0
  mkdir -p "$tools_folder"
  if ! /usr/bin/python3 -m venv --clear "$cluster_python" >"$log" 2>&1; then
    tools_apt_install python3-venv >>"$log" 2>&1 || true
    if ! /usr/bin/python3 -m venv --clear "$cluster_python" >>"$log" 2>&1; then
      tool_absence="no environment of /usr/bin/python3 could be made (see $log)"
      return 1
    fi
  fi
  # Without an isolated build: it would fetch tools that no hash names.
  if ! "$cluster_python/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation --require-hashes --requirement "$requirements" \
    >>"$log" 2>&1; then
    tool_absence="pip could not install deploy/requirements/cluster.txt (see $log)"
    return 1
  fi
  cp -- "$requirements" "$stamp"
}

# TypeScript, which only checks the pages and compiles nothing, and the Node.js that it runs on.
need_page_tools() {
  need_command node nodejs || return 1
  [[ -x "$tools_folder/debian/usr/bin/tsc" ]] && return 0
  command -v tsc >/dev/null && return 0
  need_unpacked node-typescript
}

# Unpacks a Debian package into the tools' folder, without installing it.
need_unpacked() {
  local package=$1 log="$tools_folder/$1.log"
  mkdir -p "$tools_folder/debian" "$tools_folder/downloads"
  if ! command -v apt-get >/dev/null; then
    tool_absence="$package is not installed and this system has no apt to fetch it with"
    return 1
  fi
  if ! tools_download "$package" >"$log" 2>&1; then
    tool_absence="Debian's package $package could not be fetched (see $log)"
    return 1
  fi
  if ! dpkg -x "$tools_folder/downloads/$package"_*.deb "$tools_folder/debian" >>"$log" 2>&1; then
    tool_absence="Debian's package $package could not be unpacked (see $log)"
    return 1
  fi
}

need_command() {
  local command=$1 package=$2
  command -v "$command" >/dev/null && return 0
  mkdir -p "$tools_folder"
  tools_apt_install "$package" >"$tools_folder/$package.log" 2>&1 && command -v "$command" >/dev/null && return 0
  tool_absence="$command is missing and could not be installed (Debian's package $package)"
  return 1
}

tools_download() {
  # The lists may be missing in a fresh container; then they are fetched, which requires root.
  (cd "$tools_folder/downloads" && rm -f -- "$1"_*.deb &&
    { apt-get -qq -o APT::Sandbox::User=root download "$1" ||
      { tools_as_root apt-get -qq update && apt-get -qq -o APT::Sandbox::User=root download "$1"; }; })
}

tools_apt_install() {
  command -v apt-get >/dev/null || return 1
  tools_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" ||
    { tools_as_root apt-get -qq update &&
      tools_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@"; }
}

tools_as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    # Never prompts: a check must not wait for a password.
    sudo --non-interactive -- "$@"
  else
    return 1
  fi
}
