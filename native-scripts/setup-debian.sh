#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that parts of Flamewright and its tests use. Groups:
#   profilers  perf, and what the tests of profilers need
#   formats    what takes zstd, xz and bzip2 off files, what reads C++ names, and go, valgrind and python3, against which the tests hold ours
#   ruby       Ruby, and what builds rbspy (Rust), for tests
#   electron   the libraries Electron links to, and a virtual display for its tests
#   browser    Chromium and a second SVG renderer, for tests
#   build      what builds node-pty and the test programs, and git
#   all        every group
# Usage: setup-debian.sh GROUP...      Run again at will: what is there stays as it is.
set -euo pipefail

if [ $# -eq 0 ]; then
  sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//'
  exit 2
fi
if [ ! -e /etc/debian_version ]; then
  echo "setup-debian.sh: this is neither Debian nor Ubuntu; install the packages' like by hand." >&2
  exit 1
fi

declare -A reason=(
  [profilers]="recording native programs (perf), reading processes (ps), counting in the kernel (bpftrace), recording with root's rights (sudo), system calls (strace, ltrace, ss), allocations (heaptrack, gdb, valgrind, LeakSanitizer, tcmalloc, jemalloc), tests of profilers of Java (a JDK, and Maven for async-profiler)"
  [formats]="opening compressed files (zstd, xz, bzip2), C++ names (c++filt), tests of formats and of profilers of Python (go, valgrind, python3, pip)"
  [ruby]="tests of profilers of Ruby (ruby, and cargo, which builds rbspy)"
  [electron]="Electron's system libraries, a virtual display (Xvfb) and fonts for its tests"
  [browser]="tests in a browser (Chromium) and of the SVG report (rsvg-convert)"
  [build]="building node-pty and the test programs (gcc, g++, make, python3), cloning (git)"
)

groups=()
for group in "$@"; do
  if [ "$group" = all ]; then
    groups=(build profilers formats ruby electron browser)
  elif [ -n "${reason[$group]:-}" ]; then
    groups+=("$group")
  else
    echo "setup-debian.sh: there is no group '$group' (profilers, formats, ruby, electron, browser, build, all)" >&2
    exit 2
  fi
done

is_installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }
is_known() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }

# The first of several names that is installed or that this release has: libraries were renamed over time.
pick() {
  local name
  for name in "$@"; do if is_installed "$name"; then echo "$name"; return; fi; done
  for name in "$@"; do if is_known "$name"; then echo "$name"; return; fi; done
  echo "$1"
}

packages_of() {
  case "$1" in
    profilers)
      if [ "$(. /etc/os-release && echo "$ID")" = ubuntu ]; then echo linux-tools-generic; else echo linux-perf; fi
      echo procps
      echo sudo
      echo bpftrace
      echo heaptrack
      echo gdb
      echo valgrind
      echo strace
      echo ltrace
      echo iproute2
      echo liblsan0
      pick libgoogle-perftools4 libgoogle-perftools4t64
      echo libjemalloc2
      pick openjdk-17-jdk-headless default-jdk-headless
      echo maven
      ;;
    formats)
      echo zstd
      echo xz-utils
      echo bzip2
      echo binutils
      echo golang-go
      echo valgrind
      echo python3
      echo python3-pip
      ;;
    ruby)
      echo ruby
      # Debian 12's own is too old for it; its browsers are built with this one. rustup's is taken where it is there.
      command -v cargo >/dev/null || pick cargo-web cargo
      ;;
    electron)
      pick libgtk-3-0 libgtk-3-0t64
      pick libasound2 libasound2t64
      echo libnss3
      echo libgbm1
      echo xvfb
      echo dbus
      echo fonts-dejavu-core
      ;;
    browser)
      pick chromium chromium-browser
      echo librsvg2-bin
      echo fonts-dejavu-core
      ;;
    build)
      echo gcc
      echo g++
      echo libc6-dev
      echo make
      echo python3
      echo git
      ;;
  esac
}

missing_of() {
  local name
  for name in $(packages_of "$1"); do is_installed "$name" || echo "$name"; done
}

wanted=0
for group in "${groups[@]}"; do [ -z "$(missing_of "$group")" ] || wanted=1; done
if [ "$wanted" = 0 ]; then
  echo "setup-debian.sh: everything for ${groups[*]} is installed."
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "setup-debian.sh: installing packages needs root: sudo $0 ${groups[*]}" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
echo "setup-debian.sh: reading the package lists (apt-get update)"
apt-get update -qq
packages=()
for group in "${groups[@]}"; do
  missing=$(missing_of "$group" | tr '\n' ' ')
  [ -n "$missing" ] || continue
  echo "setup-debian.sh: $group: ${missing% } - for ${reason[$group]}"
  # shellcheck disable=SC2206
  packages+=($missing)
done
apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${packages[@]}" </dev/null
echo "setup-debian.sh: done."
