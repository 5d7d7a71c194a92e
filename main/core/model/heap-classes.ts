import type { HeapGraph } from "./profile.ts";

/** What kind of object each object of a heap is: the index of a name in `names`. */
export interface HeapClasses {
  readonly names: readonly string[];
  readonly of: Int32Array;
}

/** Types whose objects are told apart by name: instances by their constructor, native objects by what they are. */
const named: ReadonlySet<string> = new Set(["object", "native"]);

const titles: Readonly<Record<string, string>> = {
  hidden: "(system)",
  code: "(compiled code)",
  closure: "Function",
  regexp: "RegExp",
};

/** Groups objects as Chrome DevTools does in its summary; parts of the root ("synthetic") keep their own names. */
export function heapClasses({ nodes }: HeapGraph, textOf: (index: number) => string): HeapClasses {
  const names: string[] = [];
  const indexOf = new Map<string, number>();
  const intern = (name: string): number => {
    let index = indexOf.get(name);
    if (index === undefined) {
      index = names.length;
      names.push(name);
      indexOf.set(name, index);
    }
    return index;
  };
  /** By type: the class of all its objects, or -1 where the name tells. */
  const classOfType = new Map<number, number>();
  const classOfName = new Map<number, number>();
  const of = new Int32Array(nodes.length);
  for (let node = 0; node < nodes.length; node++) {
    const type = nodes.type[node];
    let index = classOfType.get(type);
    if (index === undefined) {
      const text = textOf(type);
      const isNamed = named.has(text) || text === "synthetic";
      index = isNamed ? -1 : intern(Object.hasOwn(titles, text) ? (titles[text] ?? "") : `(${text})`);
      classOfType.set(type, index);
    }
    if (index === -1) {
      const name = nodes.name[node];
      index = classOfName.get(name);
      if (index === undefined) {
        index = intern(textOf(name));
        classOfName.set(name, index);
      }
    }
    of[node] = index;
  }
  return { names, of };
}
