import { expect, test } from "vitest";
import { fixParts } from "../../../../renderer/widgets/fix-text.ts";

test.each([
  ["sudo sysctl kernel.perf_event_paranoid=1", "", "sudo sysctl kernel.perf_event_paranoid=1"],
  ["ps -eo pid,pcpu,rss,args --sort=-pcpu", "", "ps -eo pid,pcpu,rss,args --sort=-pcpu"],
  [
    "Run Flamewright as ann: sudo -u ann flamewright record --pid 7",
    "Run Flamewright as ann:",
    "sudo -u ann flamewright record --pid 7",
  ],
  [
    "For exact places start it with: -XX:+UnlockDiagnosticVMOptions",
    "For exact places start it with:",
    "-XX:+UnlockDiagnosticVMOptions",
  ],
  ["Nothing needs to be done; for time use perf.", "Nothing needs to be done; for time use perf.", ""],
  [
    "Install it: pipx install py-spy, or take a release.",
    "Install it: pipx install py-spy, or take a release.",
    "",
  ],
  ["Install it: sudo apt install iproute2.", "Install it:", "sudo apt install iproute2"],
  ["Install it: sudo apt install gdb. Or launch it.", "Install it: sudo apt install gdb. Or launch it.", ""],
  ["Use perf: its samples tell where.", "Use perf: its samples tell where.", ""],
  ["Run Flamewright on the host, or with --pid=host", "Run Flamewright on the host, or with --pid=host", ""],
])("%s", (fix, words, command) => {
  expect(fixParts(fix)).toEqual({ words, command });
});
