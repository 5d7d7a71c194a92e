import { describe, expect, it } from "vitest";
import { AddressSpaces, type Region, regionAt } from "#core/importers/shared/perf-data-maps.ts";
import { ProfileBuilder } from "#core/model/builder.ts";

const region = (path: string, firstPage: number, pages: number, fileOffset = 0): Region => ({
  firstPage,
  lastPage: firstPage + pages,
  startHigh: Math.floor(firstPage / 2 ** 20),
  startLow: (firstPage % 2 ** 20) * 4096,
  fileOffset,
  path,
  buildId: "",
});

const finished = (spaces: AddressSpaces): AddressSpaces => {
  spaces.finish(new ProfileBuilder());
  return spaces;
};

const pathAt = (spaces: AddressSpaces, pid: number, time: number, page: number): string | null => {
  const space = spaces.at(pid, time);
  return space && (regionAt(space, Math.floor(page / 2 ** 20), (page % 2 ** 20) * 4096 + 5)?.path ?? null);
};

describe("address spaces", () => {
  it("find what is mapped, and nothing beside it", () => {
    const spaces = new AddressSpaces();
    spaces.map(0, 7, region("b", 200, 10));
    spaces.map(0, 7, region("a", 100, 10));
    finished(spaces);
    expect([99, 100, 109, 110, 205, 210].map((page) => pathAt(spaces, 7, 5, page))).toEqual([
      null,
      "a",
      "a",
      null,
      "b",
      null,
    ]);
    expect(pathAt(spaces, 8, 5, 100)).toBeNull();
  });

  it("know what was there before another was mapped over it, whatever the order of the records", () => {
    const spaces = new AddressSpaces();
    spaces.map(50, 7, region("new", 104, 2));
    spaces.map(10, 7, region("old", 100, 10, 0x1000));
    finished(spaces);
    expect([100, 104, 107].map((page) => pathAt(spaces, 7, 20, page))).toEqual(["old", "old", "old"]);
    expect([100, 104, 107].map((page) => pathAt(spaces, 7, 60, page))).toEqual(["old", "new", "old"]);
    const space = spaces.at(7, 60);
    expect(space && regionAt(space, 0, 107 * 4096)).toMatchObject({
      startLow: 106 * 4096,
      fileOffset: 0x1000 + 6 * 4096,
    });
  });

  it("a child has what its parent had; after that each has its own", () => {
    const spaces = new AddressSpaces();
    spaces.map(0, 1, region("both", 10, 1));
    spaces.fork(10, 2, 1);
    spaces.map(20, 1, region("parent", 20, 1));
    spaces.map(30, 2, region("child", 30, 1));
    finished(spaces);
    expect([10, 20, 30].map((page) => pathAt(spaces, 1, 99, page))).toEqual(["both", "parent", null]);
    expect([10, 20, 30].map((page) => pathAt(spaces, 2, 99, page))).toEqual(["both", null, "child"]);
  });

  it("an exec begins with nothing", () => {
    const spaces = new AddressSpaces();
    spaces.map(0, 1, region("shell", 10, 1));
    spaces.exec(10, 1);
    spaces.map(11, 1, region("program", 20, 1));
    finished(spaces);
    expect([pathAt(spaces, 1, 5, 10), pathAt(spaces, 1, 15, 10), pathAt(spaces, 1, 15, 20)]).toEqual([
      "shell",
      null,
      "program",
    ]);
  });

  it("more regions than a process can have are left out, and said", () => {
    const spaces = new AddressSpaces();
    for (let i = 0; i < 70_000; i++) spaces.map(i, 1, region("x", i * 3, 1));
    const out = new ProfileBuilder();
    spaces.finish(out);
    expect(out.snapshot().meta.notes.join()).toContain("more memory mappings than a process can have");
  });

  it("addresses past 2^53 keep their page", () => {
    const spaces = new AddressSpaces();
    const page = 0xffffffff * 2 ** 20 + 0x80000;
    spaces.map(0, -1, region("[kernel]", page, 4));
    finished(spaces);
    expect(pathAt(spaces, -1, 0, page + 3)).toBe("[kernel]");
    expect(pathAt(spaces, -1, 0, page + 4)).toBeNull();
  });
});
