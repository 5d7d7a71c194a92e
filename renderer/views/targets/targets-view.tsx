import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { formatCount, formatCountOf } from "#core/base/numbers.ts";
import type { Problem } from "#core/base/result.ts";
import { bestRecipe } from "../../app/actions/targets.ts";
import { searchFieldId } from "../../app/commands.ts";
import { copyTableAction } from "../../app/copy-table.ts";
import type { TargetRow } from "../../app/store/target-order.ts";
import { countOfMatches, textSearch } from "../../app/text-search.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { SearchInput } from "../../widgets/field.tsx";
import { Grid } from "../../widgets/grid.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { targetColumns } from "./target-columns.tsx";
import { TargetDetail } from "./target-detail.tsx";
import "./targets.css";

/** Arrow keys run through rows faster than questions about them are answered. */
const SETTLE_MS = 120;

const rowClass = (row: TargetRow): string =>
  row.gone ? "target-gone" : row.runtime === "kernel" ? "target-kernel" : row.own ? "" : "target-foreign";

/** `welcome`: what stands above the list at the first start. */
export function TargetsView({ welcome }: { readonly welcome: ReactNode }) {
  const app = useApp();
  const { store, actions } = app;
  const rows = useAppState((state) => state.targetRows);
  const loaded = useAppState((state) => state.targets !== null);
  const all = useAppState((state) => state.targets?.length ?? 0);
  const problem = useAppState((state) => state.targetsProblem);
  const search = useAppState((state) => state.targetSearch);
  const sort = useAppState((state) => state.targetSort);
  const selectedPid = useAppState((state) => state.selectedPid);
  const pickedPids = useAppState((state) => state.pickedPids);
  const picked = useMemo(() => new Set(pickedPids.map(String)), [pickedPids]);
  const [recordProblem, setRecordProblem] = useState<Problem | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const grid = useRef<HTMLDivElement | null>(null);
  const { searchTargets, sortTargets, selectTarget, pickTarget, pickTargets, openDialog } = store.getState();
  const selected = rows.find((row) => row.pid === selectedPid) ?? null;

  useEffect(() => {
    setRecordProblem(null);
    setChosen(null);
    if (selectedPid === null) return;
    const timer = setTimeout(() => void actions.loadRecipes(selectedPid), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [selectedPid, actions]);

  const record = async (row: TargetRow, profiler: string): Promise<void> => {
    if (row.gone) return;
    const request = actions.requestFor(row, profiler);
    if (typeof request === "string") return;
    setRecordProblem(null);
    setRecordProblem(await actions.record(request, `${row.name} ${row.pid}`));
  };

  /**
   * The profiler that Enter takes: what was chosen beside, else what the engine recommends. Its answer is waited for
   * however soon Enter comes: the list alone does not know that a Go program has an endpoint.
   */
  const profilerOf = async (row: TargetRow): Promise<string> => {
    if (row.pid === selectedPid && chosen) return chosen;
    const recommended = (): string => {
      const { recipes, selectedPid: selectedNow } = store.getState();
      if (selectedNow !== row.pid || recipes?.phase !== "ready") return "";
      return bestRecipe(recipes.recipes)?.profiler ?? "";
    };
    const known = recommended();
    if (known !== "") return known;
    await actions.loadRecipes(row.pid);
    return recommended();
  };

  /** The same as the panel beside offers, and what can be copied. */
  const openMenuOf = (row: TargetRow, x: number, y: number): void =>
    store.getState().openMenu({
      x,
      y,
      heading: `${row.name} ${row.pid}`,
      actions: [
        {
          id: "record",
          title: "Record with the profiler that suits it",
          keys: "Enter",
          icon: "record",
          disabled: row.gone,
          run: () => void profilerOf(row).then((profiler) => record(row, profiler)),
        },
        {
          id: "pick",
          title: pickedPids.includes(row.pid) ? "Pick no more" : "Pick, to record several at once",
          keys: "Space",
          disabled: row.gone,
          run: () => pickTarget(row.pid),
        },
        {
          id: "doctor",
          title: "What stands in the way: the doctor",
          icon: "doctor",
          run: () => store.getState().showScreen("doctor"),
        },
        {
          id: "copy-pid",
          title: "Copy the PID",
          icon: "copy",
          separated: true,
          run: () => actions.copy(String(row.pid), "the PID"),
        },
        {
          id: "copy-command",
          title: "Copy the command line",
          icon: "copy",
          run: () => actions.copy(row.command || row.name, "the command line"),
        },
        copyTableAction(app),
      ],
    });

  const toList = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && search !== "") {
      event.preventDefault();
      searchTargets("");
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      const [first] = rows;
      if (!selected && first) selectTarget(first.pid);
      grid.current?.focus();
    }
  };

  return (
    <>
      <header className="screen-head">
        <h1>Targets</h1>
        <SearchInput
          id={searchFieldId}
          label="Search processes"
          placeholder="Words or /regex/"
          hint="/"
          value={search}
          problem={textSearch(search).problem}
          count={countOfMatches(search, rows.length, all)}
          onChange={searchTargets}
          onKeyDown={toList}
          testId="target-search"
        />
        <span className="spacer" />
        <Button icon="terminal" onClick={() => openDialog({ kind: "launch" })}>
          Launch…
        </Button>
        <Button icon="link" onClick={() => openDialog({ kind: "endpoint" })}>
          Address…
        </Button>
        {pickedPids.length > 0 ? (
          <Button
            look="primary"
            icon="record"
            onClick={() => openDialog({ kind: "system", pids: pickedPids })}
          >
            {pickedPids.length === 1 ? "Record 1 picked…" : `Record ${pickedPids.length} picked…`}
          </Button>
        ) : (
          <Button icon="target" onClick={() => openDialog({ kind: "system" })}>
            Whole system…
          </Button>
        )}
      </header>
      {welcome}
      {problem ? <ProblemBox problem={problem} /> : null}
      <div className="targets">
        <Hold>
          {rows.length > 0 ? (
            <Grid
              label="Processes"
              testId="targets"
              columns={targetColumns}
              rows={rows}
              rowKey={(row) => String(row.pid)}
              selectedKey={selectedPid === null ? null : String(selectedPid)}
              onSelect={(row) => selectTarget(row.pid)}
              onActivate={(row) => {
                selectTarget(row.pid);
                void profilerOf(row).then((profiler) => record(row, profiler));
              }}
              onMenu={openMenuOf}
              picked={picked}
              onPick={(row) => pickTarget(row.pid)}
              onPickRange={pickTargets}
              sort={sort}
              onSort={sortTargets}
              rowClass={rowClass}
              gridRef={grid}
            />
          ) : loaded ? (
            <EmptyState
              icon="search"
              title={search ? `No process matches “${search}”` : "No processes"}
              actions={search ? <Button onClick={() => searchTargets("")}>Clear the search</Button> : null}
            >
              {search
                ? "Every word has to be in the name, pid, user, command or container; /…/ is a regular expression."
                : "The list of processes is empty. Is /proc mounted?"}
            </EmptyState>
          ) : problem ? null : (
            <EmptyState busy title="Reading the list of processes…" />
          )}
          <ListFoot />
        </Hold>
        {selected ? (
          <TargetDetail
            target={selected}
            chosen={chosen}
            onChoose={setChosen}
            problem={recordProblem}
            onRecord={(profiler) => void record(selected, profiler)}
          />
        ) : null}
      </div>
    </>
  );
}

/** While the pointer or the keyboard is in the list, its order stands still. */
function Hold({ children }: { readonly children: ReactNode }) {
  const hold = useAppState((state) => state.holdTargets);
  const pointed = useRef(false);
  const focused = useRef(false);
  const update = (): void => hold(pointed.current || focused.current);
  useEffect(() => () => hold(false), [hold]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches where the pointer is
    <div
      className="target-list"
      onPointerEnter={() => {
        pointed.current = true;
        update();
      }}
      onPointerLeave={() => {
        pointed.current = false;
        update();
      }}
      onFocus={(event) => {
        focused.current = event.target.role === "grid";
        update();
      }}
      onBlur={() => {
        focused.current = false;
        update();
      }}
    >
      {children}
    </div>
  );
}

function ListFoot() {
  const { store } = useApp();
  // Those that ended meanwhile keep their row while the order is held, and count no more.
  const shown = useAppState((state) => state.targetRows.filter((row) => !row.gone).length);
  const all = useAppState((state) => state.targets?.length ?? 0);
  const hidden = useAppState((state) => state.hiddenTargets);
  const held = useAppState((state) => state.targetsHeld);
  const { column } = useAppState((state) => state.targetSort);
  return (
    <footer className="list-foot">
      <span>
        {shown >= all
          ? formatCountOf(all, "process", "processes")
          : `${formatCount(shown)} of ${formatCountOf(all, "process", "processes")}`}
        {hidden > 0 ? ` · ${formatCount(hidden)} not readable` : ""}
      </span>
      {held && shown > 1 && column !== "name" && column !== "pid" ? (
        <span className="list-held">
          Order held while you choose
          <Button
            small
            look="quiet"
            onClick={() => {
              store.getState().holdTargets(false);
              store.getState().holdTargets(true);
            }}
          >
            Sort again
          </Button>
        </span>
      ) : null}
    </footer>
  );
}
