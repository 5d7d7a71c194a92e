import { expect, test } from "vitest";
import { scratchFolder, sinceMoment } from "#core/profilers/profiler.ts";
import { commandText, shownCommands } from "#core/profilers/shared/words.ts";

test("commands show the folder where it is known, and words where it is not", () => {
  const dump = commandText({
    argv: ["jcmd", "7", "JFR.dump", `filename=${scratchFolder}/0.jfr`, `begin=${sinceMoment}`],
  });
  expect(shownCommands([dump], null)).toEqual([
    "jcmd 7 JFR.dump 'filename=<folder of the recording>/0.jfr' 'begin=<end of the piece before>'",
  ]);
  expect(shownCommands([dump], "/tmp/own")).toEqual([
    "jcmd 7 JFR.dump 'filename=/tmp/own/0.jfr' 'begin=<end of the piece before>'",
  ]);
});
