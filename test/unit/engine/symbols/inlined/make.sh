#!/usr/bin/env bash
# Makes the files of this folder: each as a compiler writes it, and beside it what addr2line says of its addresses.
# Debian 12: gcc 12, dwz 0.15, rustc 1.88 or later, binutils.
set -euo pipefail
cd "$(dirname "$0")"
flags=(-O2 -nostdlib -static -fno-pie -no-pie -fno-stack-protector -Wl,-z,noseparate-code -ffile-prefix-map="$PWD"=/srv/inlined)
gcc "${flags[@]}" -gdwarf-5 inlined.c -o dwarf-5.elf
gcc "${flags[@]}" -gdwarf-4 inlined.c -o dwarf-4.elf
gcc "${flags[@]}" -gdwarf-5 -gz=zlib inlined.c -o packed.elf
gcc "${flags[@]}" -gdwarf-4 -gz=zlib-gnu inlined.c -o packed-old.elf
gcc "${flags[@]}" -gdwarf-5 -gsplit-dwarf inlined.c -o split-5.elf
gcc "${flags[@]}" -gdwarf-4 -gsplit-dwarf inlined.c -o split-4.elf
# dwz takes out what two files share: both are of one source, so that is nearly all.
gcc "${flags[@]}" -gdwarf-4 -Wl,--build-id inlined.c -o shared.elf
gcc "${flags[@]}" -gdwarf-4 -Wl,--build-id -DOTHER inlined.c -o other.elf
dwz -m shared.common -M shared.common shared.elf other.elf
rm other.elf
rustc -O -g -C dwarf-version=5 -C panic=abort -C link-arg=-nostartfiles -C link-arg=-nostdlib -C link-arg=-static \
  -C relocation-model=static --remap-path-prefix "$PWD"=/srv/inlined -C codegen-units=1 inlined.rs -o llvm.elf
objcopy --remove-section .debug_pubnames --remove-section .debug_pubtypes llvm.elf
addresses() { objdump -d --no-show-raw-insn "$1" | sed -nE 's/^ +([0-9a-f]+):.*/0x\1/p' | sort -u; }
for file in dwarf-4 dwarf-5; do
  addresses "$file.elf" | addr2line -a -i -f -e "$file.elf" | sed 's/ (discriminator [0-9]*)//' >"$file.txt"
done
# addr2line of binutils 2.40 does not follow dwz's references and LLVM's indices: the code of the others is that of these,
# and LLVM's is read by gimli's (cargo install addr2line --features bin).
addresses llvm.elf | "${CARGO_HOME:-$HOME/.cargo}/bin/addr2line" -a -i -f -C -e llvm.elf >llvm.txt
