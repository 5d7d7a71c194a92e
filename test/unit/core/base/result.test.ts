import { describe, expect, test } from "vitest";
import { DisposableStore, disposable } from "#core/base/disposable.ts";
import { silentLog } from "#core/base/log.ts";
import { cancelled, fail, ok, ProblemError, problemOf, throwProblem, toProblem } from "#core/base/result.ts";

describe("problems", () => {
  test("detail only where there is one", () => {
    expect(problemOf("code", "what", "fix")).toEqual({ code: "code", message: "what", fix: "fix" });
    expect(problemOf("code", "what", "fix", "")).toHaveProperty("detail", "");
  });

  test("as results", () => {
    expect(ok(3)).toEqual({ ok: true, value: 3 });
    expect(fail("code", "what", "fix")).toEqual({ ok: false, problem: problemOf("code", "what", "fix") });
  });

  test("thrown and caught", () => {
    expect(() => throwProblem("code", "what happened", "fix")).toThrow("what happened");
    const problem = problemOf("code", "what", "fix");
    expect(toProblem(new ProblemError(problem))).toBe(problem);
  });

  test("an abort is a cancellation", () => {
    const abort = new AbortController();
    abort.abort();
    expect(toProblem(abort.signal.reason)).toBe(cancelled);
  });

  test.each([[new TypeError("x is undefined")], ["a string"], [null], [{ code: "EIO" }]])(
    "%s is a bug",
    (thrown) => {
      const problem = toProblem(thrown);
      expect(problem.code).toBe("internal");
      expect(problem.detail).toBeTypeOf("string");
    },
  );

  test("a cause is kept", () => {
    const cause = new Error("why");
    expect(new ProblemError(cancelled, { cause }).cause).toBe(cause);
  });
});

describe("disposables", () => {
  test("once", () => {
    let count = 0;
    const each = disposable(() => count++);
    each.dispose();
    each.dispose();
    expect(count).toBe(1);
  });

  test("a store: last first, and at once when it is over", () => {
    const order: string[] = [];
    const store = new DisposableStore();
    for (const name of ["a", "b"]) store.add(disposable(() => order.push(name)));
    store.dispose();
    store.add(disposable(() => order.push("late")));
    store.dispose();
    expect(order).toEqual(["b", "a", "late"]);
  });
});

test("a log that nobody reads takes everything", () => {
  expect(silentLog.write("error", "x")).toBeUndefined();
});
