import type { Profile } from "../model/profile.ts";
import { RowInterner } from "../model/row-interner.ts";
import type { SuppressionFrame } from "./suppressions.ts";

/**
 * Functions that allocate for others: what a program did is in their caller. Of C and C++, Rust, Go, Python's and GLib's
 * allocators, and the containers of the standard library that hand an allocation through.
 */
const allocators =
  /^(_*(libc_)?(malloc|calloc|realloc|reallocarray|valloc|pvalloc|memalign|aligned_alloc|posix_memalign|strn?dup|mmap|mmap64|sbrk|brk)(@.*)?|(void\s?\*\s?)?operator new(\[\])?(\(.*)?|_Zn[wa]m.*|std::(__)?(new_)?allocat.*|__gnu_cxx::.*alloc.*|(.* )?std::__detail::_Hashtable_alloc<.*|(.* )?std::_(Vector|Deque)_base<.*|(.* )?std::allocator(_traits)?<.*|__rust_(re)?alloc.*|__rdl_(re)?alloc.*|alloc::(alloc|raw_vec)::.*|<alloc::raw_vec::.*|runtime\.(mallocgc\w*|newobject|newarray|makeslice\w*|makechan\w*|makemap\w*|growslice|rawbyteslice|rawstring\w*|concatstring\w*|persistentalloc\w*|allocm)|_?Py(Mem|Object)_\w*(Malloc|Calloc|Realloc)\w*|g_(try_)?(malloc|realloc|slice_alloc)\w*|tc_\w*(alloc|new)\w*|je_\w*alloc\w*|\(heap allocation functions\).*|__interceptor_\w*alloc\w*)$/;

/** Whole libraries that do nothing else; without symbols their functions have no names. */
const allocatorBinaries = /\/lib(jemalloc|tcmalloc|mimalloc)[^/]*$/;

function isAllocating({ functions, binaries, strings }: Profile, func: number): boolean {
  const binary = functions.binary[func];
  return (
    allocators.test(strings[functions.name[func]] ?? "") ||
    (binary !== -1 && allocatorBinaries.test(strings[binaries.path[binary]] ?? ""))
  );
}

export interface Sites {
  readonly length: number;
  /** Site of each stack; -1 for none. */
  readonly ofStack: Int32Array;
  readonly function: Int32Array;
  readonly line: Int32Array;
}

/** The place of every stack: its innermost call that is no allocator's own. */
export function sitesOf(profile: Profile): Sites {
  const { stacks, frames, functions } = profile;
  const isAllocator = new Int8Array(functions.length).fill(-1);
  const ofStack = new Int32Array(stacks.length);
  const index = new RowInterner(2);
  const funcs: number[] = [];
  const lines: number[] = [];
  for (let stack = 0; stack < stacks.length; stack++) {
    const frame = stacks.frame[stack];
    const prefix = stacks.prefix[stack];
    const func = frames.function[frame];
    if (isAllocator[func] === -1) isAllocator[func] = isAllocating(profile, func) ? 1 : 0;
    if (isAllocator[func] === 1 && prefix !== -1) {
      ofStack[stack] = ofStack[prefix];
      continue;
    }
    const line = frames.line[frame];
    const site = index.intern(func, line);
    if (site === funcs.length) {
      funcs.push(func);
      lines.push(line);
    }
    ofStack[stack] = site;
  }
  return {
    length: funcs.length,
    ofStack,
    function: Int32Array.from(funcs),
    line: Int32Array.from(lines),
  };
}

/** Frames from the innermost outwards, as suppressions look at them. */
export function framesOfStack(profile: Profile, stack: number): readonly SuppressionFrame[] {
  const { stacks, frames, functions, binaries, strings } = profile;
  const text = (index: number): string => (index === -1 ? "" : (strings[index] ?? ""));
  const found: SuppressionFrame[] = [];
  for (let at = stack; at !== -1; at = stacks.prefix[at]) {
    const func = frames.function[stacks.frame[at]];
    const binary = functions.binary[func];
    found.push({
      name: text(functions.name[func]),
      file: text(functions.file[func]),
      binary: binary === -1 ? "" : text(binaries.path[binary]),
    });
  }
  return found;
}
