import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { netstat } from "#core/importers/netstat.ts";
import { factsOf } from "../../../../renderer/views/io/open-facts.tsx";
import { bytesOf, feed } from "../../core/importers/importing.ts";

test("what netstat tells of a socket and no column has is a fact under its own name", () => {
  const text = [
    "Active Internet connections (servers and established)",
    "Proto Recv-Q Send-Q Local Address           Foreign Address         State       User       Inode      PID/Program name    ",
    "tcp        0      0 127.0.0.1:8080          0.0.0.0:*               LISTEN      1000       4711       77/server           ",
    "",
  ].join("\n");
  const { open } = createAnalyst().answer(feed(netstat, bytesOf(text)), { view: "io", selection: {} });
  const facts = new Map(open.flatMap((row) => factsOf(row)));
  expect(facts.get("Process")).toBe("server 77");
  expect(facts.get("State")).toBe("LISTEN");
  expect([...facts.values()]).toContain("4711");
});
