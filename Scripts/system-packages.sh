#!/usr/bin/env bash
# Makes sure that the system libraries are there: installs them where it may, else says how.
set -euo pipefail

missing=()
have() { [ -e "/usr/include/$1" ]; }
have sqlite3.h || missing+=(libsqlite3-dev)
have editline/readline.h || missing+=(libedit-dev)
# The shell of SQLite, with which tests write past the engine.
command -v sqlite3 >/dev/null || missing+=(sqlite3)
# A terminal for the tests of the prompt.
command -v tmux >/dev/null || missing+=(tmux)
# Debian keeps curl's headers in a folder of the machine's name.
have curl/curl.h || ls /usr/include/*/curl/curl.h >/dev/null 2>&1 || missing+=(libcurl4-openssl-dev)
[ "$(uname)" = Linux ] || exit 0
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "error: these system packages are missing: ${missing[*]}; install them with your package manager" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "error: system packages are missing; run: sudo apt-get install -y ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo -n)
fi
echo "installing system packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
