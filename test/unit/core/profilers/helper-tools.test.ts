import { expect, test } from "vitest";
import { helperTools } from "#core/profilers/shared/helper-tools.ts";
import { fakeHost } from "../../../fakes/fake-host.ts";

test("other tools: what each lacks, and how to get it", async () => {
  const host = fakeHost({
    tools: { setpriv: "/usr/bin/setpriv", jcmd: "/opt/jdk/bin/jcmd", gdb: "/usr/bin/gdb" },
    probes: {
      "/usr/bin/setpriv --version": "setpriv from util-linux 2.31.1",
      "/opt/jdk/bin/jcmd -J-version": 'openjdk version "11.0.2" 2019-01-15',
      "/usr/bin/gdb --version": "GNU gdb (Debian 13.1-3) 13.1",
    },
  });
  const found = new Map((await helperTools(host)).map((tool) => [tool.program, tool]));
  expect(found.get("setpriv")).toMatchObject({
    version: "2.31.1",
    lacks: "--pdeathsig, which came with 2.33",
    fix: "sudo apt install util-linux",
  });
  expect(found.get("jcmd")).toMatchObject({ version: "11.0.2", lacks: expect.stringContaining("JDK 17") });
  expect(found.get("gdb")).toMatchObject({ version: "13.1", lacks: "", fix: "" });
  expect(found.get("zstd")).toMatchObject({ path: "", lacks: "", fix: "sudo apt install zstd" });
});
