import { expect, test } from "vitest";
import { chooseTarget, type DebugTarget } from "../../../../main/engine/exec/inspector-targets.ts";
import { nodeWorkerName } from "../../../../main/engine/exec/inspector-workers.ts";
import { codeOf } from "../problem-code.ts";

const target = (type: string, url: string, title = ""): DebugTarget => ({
  type,
  url,
  title,
  address: `ws://127.0.0.1:1/${title || url}`,
});

const node = target("node", "file:///srv/app.js", "app");
const page = target("page", "https://shop.example/", "shop");
const other = target("page", "https://news.example/", "news");
const worker = target("service_worker", "https://shop.example/sw.js", "sw");
const settings = target("page", "chrome://settings/", "settings");
const dialog = target("browser_ui", "chrome://omnibox-popup.top-chrome/", "popup");

const choices: readonly (readonly [string, readonly DebugTarget[], DebugTarget])[] = [
  ["the one program", [node], node],
  ["the page that was used last", [page, other], page],
  ["a page before a worker", [worker, page], page],
  ["a page of the web before the browser's own", [settings, other], other],
  ["the browser's own page where there is no other", [dialog, settings], settings],
];
test.each(choices)("chooses %s", (_, targets, expected) => {
  expect(chooseTarget(targets, "http://127.0.0.1:1").address).toBe(expected.address);
});

test("says what else is there, and how to record it", () => {
  expect(chooseTarget([page, other], "").remark).toBe(
    'the page "shop" is recorded. Also there: the page "news" at ws://127.0.0.1:1/news. Record one of them by its own address.',
  );
  expect(chooseTarget([page], "").remark).toBe("");
});

test("nothing to record is a problem in words", async () => {
  expect(await codeOf(() => chooseTarget([dialog], "http://127.0.0.1:1"))).toBe("inspector-no-target");
});

const names: readonly (readonly [string, number, string])[] = [
  ["[worker 3] parser", 3, "worker 3: parser"],
  ["[worker 3] WorkerThread", 3, "worker 3"],
  ["[worker 3]", 3, "worker 3"],
  ["Worker 3", 3, "worker 3"],
  ["", 4, "worker 4"],
  ["compiler", 5, "compiler"],
];
test.each(names)("the worker %j is %s", (title, id, expected) => {
  expect(nodeWorkerName(title, id)).toBe(expected);
});
