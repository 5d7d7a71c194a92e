#!/usr/bin/env bash
# Makes frames.elf and, beside it, what readelf says of its frames. Debian 12: gcc-aarch64-linux-gnu 12.
set -euo pipefail
cd "$(dirname "$0")"
aarch64-linux-gnu-gcc -O2 -nostdlib -static -ffreestanding -fno-stack-protector -mbranch-protection=pac-ret \
  -fasynchronous-unwind-tables -Wl,-z,noseparate-code -Wl,-z,max-page-size=4096 frames.c -o frames.elf
aarch64-linux-gnu-readelf --debug-dump=frames-interp frames.elf >frames.txt
