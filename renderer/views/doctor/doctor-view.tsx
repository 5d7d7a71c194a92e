import { useEffect, useRef } from "react";
import type { DoctorReport } from "#core/contract.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { CheckList } from "../../widgets/check-list.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { Fix } from "../../widgets/fix.tsx";
import { CopyButton, ProblemBox, StatusMark } from "../../widgets/status.tsx";
import { tabbed, useTableText } from "../../widgets/table-text.ts";
import "./doctor.css";

/** What this machine can record, what it cannot, and what to do about it. */
export function DoctorView() {
  const { actions } = useApp();
  const { phase, report, problem } = useAppState((state) => state.doctor);
  const engine = useAppState((state) => state.engine);

  useEffect(() => {
    void actions.runDoctor();
  }, [actions]);

  const room = useRef<HTMLDivElement | null>(null);
  useTableText(room, { selected: () => "", all: () => (report ? reportAsText(report) : "") });

  const open = report?.checks.filter((check) => check.status !== "ok").length ?? 0;
  const missing = report?.tools.filter((tool) => tool.problem !== null).length ?? 0;
  return (
    <>
      <header className="screen-head">
        <h1>Doctor</h1>
        <span className="muted truncate" role="status">
          {phase === "running"
            ? "Looking at this machine…"
            : report
              ? open + missing === 0
                ? "Everything that Flamewright can use is there."
                : summary(open, missing)
              : ""}
        </span>
        <span className="spacer" />
        {report ? (
          <CopyButton text={JSON.stringify({ engine, ...report }, null, 2)} label="Copy report" />
        ) : null}
        <Button icon="refresh" busy={phase === "running"} onClick={() => void actions.runDoctor()}>
          Check again
        </Button>
      </header>
      <div className="doctor" ref={room}>
        {problem ? <ProblemBox problem={problem} /> : null}
        {report ? (
          <div className="doctor-columns">
            <section aria-labelledby="doctor-tools">
              <h2 id="doctor-tools">Profilers</h2>
              <ul className="doctor-tools">
                {toolsInOrder(report.tools).map((tool) => (
                  <li key={tool.profiler} data-tool={tool.profiler}>
                    <div className="check-head">
                      <span className="check-title">{tool.title}</span>
                      <StatusMark
                        status={tool.problem ? "warn" : "ok"}
                        word={tool.problem ? "Not available" : "Available"}
                      />
                    </div>
                    {tool.problem ? (
                      <>
                        <p className="selectable">{tool.problem.message}</p>
                        <Fix text={tool.problem.fix} />
                      </>
                    ) : (
                      <>
                        <p className="muted selectable">
                          {[tool.version, tool.path].filter(Boolean).join(" · ") || "Built in"}
                        </p>
                        {tool.lacks === "" ? null : <p className="selectable">Lacks {tool.lacks}.</p>}
                      </>
                    )}
                  </li>
                ))}
              </ul>
            </section>
            <section aria-labelledby="doctor-checks">
              {report.target.length > 0 ? (
                <div className="doctor-target">
                  <h2>The chosen process</h2>
                  <CheckList label="The chosen process" checks={report.target} />
                </div>
              ) : null}
              <h2 id="doctor-checks">This machine</h2>
              <CheckList label="This machine" checks={report.checks} />
              <div className="doctor-helpers">
                <h2 id="doctor-helpers">Other tools</h2>
                <ul className="doctor-tools" aria-labelledby="doctor-helpers">
                  {helpersInOrder(report.helpers).map((helper) => (
                    <HelperItem key={helper.program} helper={helper} />
                  ))}
                </ul>
              </div>
              {engine ? (
                <p className="doctor-host faint selectable">
                  Flamewright {engine.version} · {engine.host} · {engine.kernel} · user {engine.user} (
                  {engine.uid})
                </p>
              ) : null}
            </section>
          </div>
        ) : phase === "running" ? (
          <EmptyState busy title="Looking at this machine…">
            Finding profilers and reading what the kernel allows. Nothing is changed.
          </EmptyState>
        ) : null}
      </div>
    </>
  );
}

/** Profilers and checks as a table. */
const reportAsText = ({ tools, checks, target }: DoctorReport): string =>
  tabbed([
    ["what", "state", "found", "fix"],
    ...toolsInOrder(tools).map(({ title, problem, version, path }) => [
      title,
      problem ? "not available" : "available",
      problem ? problem.message : [version, path].filter(Boolean).join(" · "),
      problem?.fix ?? "",
    ]),
    ...[...target, ...checks].map(({ title, status, found, fix }) => [title, status, found, fix ?? ""]),
  ]);

function HelperItem({ helper }: { readonly helper: DoctorReport["helpers"][number] }) {
  const { program, path, version, purpose, lacks, fix } = helper;
  const isWhole = path !== "" && lacks === "";
  return (
    <li data-tool={program}>
      <div className="check-head">
        <span className="check-title">{program}</span>
        <StatusMark
          status={isWhole ? "ok" : "warn"}
          word={path === "" ? "Not available" : isWhole ? "Available" : "Older"}
        />
      </div>
      <p className="muted selectable">
        {[`${capitalised(purpose)}.`, [version, path].filter(Boolean).join(" · ")].join(" ")}
      </p>
      {lacks === "" ? null : <p className="selectable">Lacks {lacks}.</p>}
      {fix === "" ? null : <Fix text={fix} />}
    </li>
  );
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const helpersInOrder = (helpers: DoctorReport["helpers"]): DoctorReport["helpers"] =>
  [...helpers].sort((a, b) => Number(a.fix === "") - Number(b.fix === ""));

/** What is missing first. */
const toolsInOrder = (tools: DoctorReport["tools"]): DoctorReport["tools"] =>
  [...tools].sort((a, b) => Number(a.problem === null) - Number(b.problem === null));

function summary(open: number, missing: number): string {
  const parts = [];
  if (missing > 0)
    parts.push(missing === 1 ? "1 profiler is not available" : `${missing} profilers are not available`);
  if (open > 0) parts.push(open === 1 ? "1 check needs attention" : `${open} checks need attention`);
  return `${parts.join(", ")}.`;
}
