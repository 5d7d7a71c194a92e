import { expect, test } from "vitest";
import { jfrSettings } from "#core/profilers/shared/jfr-settings.ts";

const wanted = {
  periodMs: 10,
  nativeMethods: false,
  allocations: true,
  lockMs: 5,
  pathsMs: 0,
  release: 17,
};

/** The settings of one event of the file; null where it is not in it. */
const of = (text: string, event: string): string | null =>
  new RegExp(`<event name="jdk\\.${event}">(.*)</event>`).exec(text)?.[1] ?? null;

test("the period, the threshold of locks and what is switched are the ones asked for", () => {
  const text = jfrSettings(wanted);
  expect(of(text, "ExecutionSample")).toContain('<setting name="period">10 ms</setting>');
  expect(of(text, "NativeMethodSample")).toContain('<setting name="enabled">false</setting>');
  expect(of(text, "JavaMonitorEnter")).toContain('<setting name="threshold">5 ms</setting>');
  expect(of(text, "ObjectAllocationSample")).toContain('<setting name="enabled">true</setting>');
  expect(of(text, "OldObjectSample")).toContain('<setting name="cutoff">0 ms</setting>');
  const other = jfrSettings({ ...wanted, nativeMethods: true, allocations: false, pathsMs: 200 });
  expect(of(other, "NativeMethodSample")).toContain('<setting name="enabled">true</setting>');
  for (const event of ["ObjectAllocationSample", "OldObjectSample"])
    expect(of(other, event)).toContain('<setting name="enabled">false</setting>');
  expect(of(other, "OldObjectSample")).toContain('<setting name="cutoff">200 ms</setting>');
});

test("a JVM of before 16 is asked for the events that it has; one that is not known, for those of today", () => {
  const old = jfrSettings({ ...wanted, release: 11 });
  expect(of(old, "ObjectAllocationInNewTLAB")).not.toBeNull();
  expect(of(old, "ObjectAllocationSample")).toBeNull();
  expect(of(jfrSettings({ ...wanted, release: null }), "ObjectAllocationSample")).not.toBeNull();
});

test("nothing of the program's environment, properties or modules is asked for", () => {
  const text = jfrSettings(wanted);
  for (const event of ["InitialEnvironmentVariable", "InitialSystemProperty", "ModuleExport", "StringFlag"])
    expect(of(text, event)).toBeNull();
});
