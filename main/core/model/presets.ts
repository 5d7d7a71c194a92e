import { isSameTransform, type Transform } from "./transform.ts";

/**
 * Filters that people ask for again and again, by what the program runs on. Data alone: where a preset is offered follows
 * from its own patterns, and what it does is what its transforms do.
 */
export interface Preset {
  /** As words and links have it: "--preset hide-libc". */
  readonly id: string;
  readonly title: string;
  /** What it does, for the chip and the menu. */
  readonly about: string;
  /** Heading in the menu. */
  readonly group: "Any program" | "Native" | "Python" | "Node" | "JVM" | "Go" | "Ruby";
  readonly transforms: readonly Transform[];
}

const hide = (
  where: "name" | "file" | "binary" | "any" | "kind",
  ...patterns: readonly string[]
): Transform => ({
  type: "hide",
  pattern: patterns.join("|"),
  where,
});

export const presets: readonly Preset[] = [
  {
    id: "only-my-code",
    title: "Only my code",
    about: "Hides system libraries, packages, the runtime and the kernel: their time goes to your functions.",
    group: "Any program",
    transforms: [
      hide(
        "any",
        "^\\[",
        "^/(?:usr/(?:local/)?)?lib(?:32|64|exec)?/",
        "^/usr/(?:local/|lib/)?go[\\d.-]*/",
        "/node_modules/|^node:|^internal/",
        "/(?:site|dist)-packages/|/lib/python\\d|^<frozen ",
        "/gems/|/go/pkg/mod/|/\\.cargo/registry/|^/rustc/",
        "^(?:javax?|jdk|sun|com\\.sun|kotlin|scala)[./]",
        "^(?:runtime|internal/\\w+)\\.",
        "^(?:std|core|alloc|__gnu_cxx)::",
        "^(?:_start|__libc_start\\w*|clone3?|start_thread)$",
      ),
      hide("kind", "^(?:kernel|gc|idle|runtime)$"),
    ],
  },
  {
    id: "hide-kernel",
    title: "Hide the kernel",
    about: "Kernel functions go; their time goes to the call that entered the kernel.",
    group: "Any program",
    transforms: [hide("kind", "^kernel$")],
  },
  {
    id: "drop-idle",
    title: "Without idle",
    about: "Drops samples in which nothing ran.",
    group: "Any program",
    transforms: [{ type: "ignore", pattern: "^idle$", where: "kind" }],
  },
  {
    id: "drop-gc",
    title: "Without garbage collection",
    about: "Drops samples of the garbage collector.",
    group: "Any program",
    transforms: [{ type: "ignore", pattern: "^gc$", where: "kind" }],
  },
  {
    id: "collapse-recursion",
    title: "Collapse recursion",
    about: "Of functions that call themselves, by way of others too, only the outermost call is kept.",
    group: "Any program",
    transforms: [{ type: "collapse-recursion", pattern: "" }],
  },
  {
    id: "hide-libc",
    title: "Hide libc",
    about: "Functions of the C library and the loader go; their time goes to who called them.",
    group: "Native",
    transforms: [
      hide(
        "binary",
        "(?:^|/)(?:libc|libm|libpthread|libdl|librt|ld-linux[\\w-]*|ld-musl[\\w-]*|ld)[-.][\\w.-]*$",
      ),
    ],
  },
  {
    id: "hide-standard-library",
    title: "Hide the C++ and Rust libraries",
    about: "std:: and what belongs to it goes; its time goes to who called it.",
    group: "Native",
    transforms: [
      hide(
        "any",
        "^(?:std|core|alloc|__gnu_cxx|boost)::",
        "^<(?:&?(?:mut )?)?(?:std|core|alloc)::",
        "^__(?:cxa|gxx)_",
        "(?:^|/)lib(?:stdc\\+\\+|c\\+\\+)",
      ),
    ],
  },
  {
    id: "hide-allocator",
    title: "Hide the allocator",
    about: "malloc, free and what they call into go; their time goes to who asked for memory.",
    group: "Native",
    transforms: [
      hide(
        "name",
        "^(?:__libc_|__GI_|__)?_*(?:malloc|free|calloc|realloc|memalign|posix_memalign|aligned_alloc)\\w*$",
        "^_int_(?:malloc|free|realloc)|^(?:unlink_chunk|sysmalloc|tcache_)",
        "^operator (?:new|delete)|^(?:je|tc|mi)_\\w+",
      ),
    ],
  },
  {
    id: "collapse-libraries",
    title: "Collapse system libraries",
    about: "Adjacent functions of one system library become one frame of its name.",
    group: "Native",
    transforms: [
      { type: "collapse-module", pattern: "^/(?:usr/(?:local/)?)?lib(?:32|64)?/[^:]*\\.so[\\w.]*$" },
    ],
  },
  {
    id: "hide-python-interpreter",
    title: "Hide the interpreter",
    about: "CPython's own C functions go; Python functions keep their time.",
    group: "Python",
    transforms: [
      hide(
        "any",
        "(?:^|/)(?:lib)?python[\\d.]*(?:\\.so[\\d.]*)?$",
        "^_?Py[A-Z]\\w*$|^_PyEval_\\w+|^method_vectorcall\\w*|^cfunction_\\w+|^slot_tp_\\w+|^vectorcall_\\w+",
      ),
    ],
  },
  {
    id: "hide-python-library",
    title: "Hide the standard library and packages",
    about: "Python's own modules and what pip installed go; their time goes to your functions.",
    group: "Python",
    transforms: [hide("file", "/(?:site|dist)-packages/|/lib/python\\d[\\d.]*/|^<frozen ")],
  },
  {
    id: "hide-event-loop",
    title: "Hide the event loop",
    about: "Ticks, timers and libuv go: callbacks stand at the top.",
    group: "Node",
    transforms: [
      hide(
        "any",
        "^(?:processTicksAndRejections|runMicrotasks|runNextTicks|processTimers|listOnTimeout|processImmediate)$",
        "^node:internal/(?:timers|process/task_queues|process/promises|async_hooks)",
        "^uv_|^uv__|^node::(?:SpinEventLoop|InternalCallbackScope|InternalMakeCallback|MakeCallback|Start)",
      ),
    ],
  },
  {
    id: "hide-node-internals",
    title: "Hide Node's own modules",
    about: "Functions of node: modules go; their time goes to who called them.",
    group: "Node",
    transforms: [hide("file", "^node:|^internal/")],
  },
  {
    id: "collapse-node-modules",
    title: "Collapse node_modules",
    about: "Adjacent functions of one file of an installed package become one frame of the file's name.",
    group: "Node",
    transforms: [{ type: "collapse-module", pattern: "(?:^|/)node_modules/" }],
  },
  {
    id: "hide-jvm",
    title: "Hide the JVM",
    about: "The virtual machine's own functions and how its threads start go; Java methods keep their time.",
    group: "JVM",
    transforms: [
      hide(
        "any",
        "(?:^|/)lib(?:jvm|jli|java)\\.so",
        "^(?:JavaMain|JavaCalls::|JavaThread::|Interpreter$|call_stub|StubRoutines|thread_native_entry)",
        "^java[./]lang[./]Thread[.:](?:run|runWith)",
      ),
    ],
  },
  {
    id: "hide-java-library",
    title: "Hide Java's own classes",
    about: "Methods of java, javax, jdk and sun go; their time goes to who called them.",
    group: "JVM",
    transforms: [hide("name", "^(?:javax?|jdk|sun|com[./]sun)[./]")],
  },
  {
    id: "hide-go-runtime",
    title: "Hide the Go runtime",
    about: "Functions of package runtime go; their time goes to who called them.",
    group: "Go",
    transforms: [hide("name", "^(?:runtime|internal/runtime/\\w+|runtime/internal/\\w+)\\.")],
  },
  {
    id: "hide-ruby-interpreter",
    title: "Hide the interpreter",
    about: "Ruby's own C functions go; Ruby methods keep their time.",
    group: "Ruby",
    transforms: [hide("any", "(?:^|/)libruby|^(?:rb|vm|ruby)_\\w+$")],
  },
];

export const presetOf = (id: string): Preset | null => presets.find((each) => each.id === id) ?? null;

/** The preset whose transforms stand at a place of a list; null where none does. */
export const presetAt = (transforms: readonly Transform[], at: number): Preset | null =>
  presets.find((preset) =>
    preset.transforms.every((each, step) => {
      const there = transforms[at + step];
      return there !== undefined && isSameTransform(each, there);
    }),
  ) ?? null;

/** Where a preset's transforms stand in a list; -1 where they do not. */
export const placeOfPreset = (transforms: readonly Transform[], { id }: Preset): number =>
  transforms.findIndex((_, at) => presetAt(transforms, at)?.id === id);
