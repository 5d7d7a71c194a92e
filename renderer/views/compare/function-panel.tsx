import type { ReactNode } from "react";
import type { Change, CompareFunctionTable, CompareNeighbour } from "#core/model/compare.ts";
import { compareSlot } from "../../app/store/compare.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { CertaintyCell } from "./compare-columns.tsx";
import {
  afterWords,
  beforeWords,
  changeWords,
  plusMinusWords,
  ratioWords,
  valueWords,
} from "./compare-words.ts";

/** The selected function on both sides: its numbers, each run, who calls it and whom it calls. */
export function FunctionPanel() {
  const { actions } = useApp();
  const compare = useAppState((state) => state.compare);
  const { table } = compareSlot(compare, "function");
  const name = compare.selectedName;
  if (name === "") return null;
  return (
    <section className="compare-function" aria-label="Selected function" data-testid="compare-function">
      <header className="compare-function-head">
        <h2 className="truncate" title={name} data-testid="compare-selected">
          {name}
        </h2>
        <span className="spacer" />
        <Button small look="quiet" onClick={() => actions.copy(name, "the name")}>
          Copy
        </Button>
        <Button small look="quiet" icon="close" aria-label="Close" onClick={() => actions.pickCompared("")} />
      </header>
      {table && table.name === name ? <Details table={table} /> : <p className="muted">…</p>}
    </section>
  );
}

function Details({ table }: { readonly table: CompareFunctionTable }) {
  const sides = [table.self, table.total] as const;
  const half = (value: number): ReactNode => (
    <span className="faint compare-half">{plusMinusWords(value, table)}</span>
  );
  const rows: readonly (readonly [title: string, cell: (change: Change) => ReactNode])[] = [
    [
      "Before",
      (change) => (
        <>
          {beforeWords(change, table)} {half(change.beforeHalf)}
        </>
      ),
    ],
    [
      "After",
      (change) => (
        <>
          {afterWords(change, table)} {half(change.afterHalf)}
        </>
      ),
    ],
    [
      "Change",
      (change) => (
        <>
          {changeWords(change, table)} {half(change.changeHalf)}
        </>
      ),
    ],
    ["Ratio", (change) => ratioWords(change)],
    ["Real?", (change) => <CertaintyCell change={change} />],
  ];
  return (
    <>
      <table className="compare-numbers">
        <thead>
          <tr>
            <td />
            <th scope="col">Self</th>
            <th scope="col">Total</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([title, cell]) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              {sides.map((change) => (
                <td key={change === table.self ? "self" : "total"}>{cell(change)}</td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">Runs</th>
            <td>
              <RunDots table={table} of="self" />
            </td>
            <td>
              <RunDots table={table} of="total" />
            </td>
          </tr>
        </tbody>
      </table>
      <p className="faint compare-dots-key">Runs: rings before, dots after.</p>
      <Neighbours title="Callers" rows={table.callers} table={table} />
      <Neighbours title="Callees" rows={table.callees} table={table} />
    </>
  );
}

const WIDTH = 116;
const HEIGHT = 22;

/** Every run as a dot, the sides above each other on one scale; read aloud as numbers. */
function RunDots({ table, of }: { readonly table: CompareFunctionTable; readonly of: "self" | "total" }) {
  const before = [...table.runs.before[of]];
  const after = [...table.runs.after[of]];
  const all = [...before, ...after];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const place = (value: number): number =>
    high > low ? 6 + ((WIDTH - 12) * (value - low)) / (high - low) : WIDTH / 2;
  const words = (name: string, values: readonly number[], whole: number): string =>
    `${name} ${values.map((value) => valueWords(value, whole, table)).join(", ")}`;
  const title = `${words("before", before, table.wholeBefore)}; ${words("after", after, table.wholeAfter)}`;
  const dots = (values: readonly number[], y: number, kind: string) =>
    values
      .map((value, run) => ({ id: `${kind}-${run}`, x: place(value) }))
      .map(({ id, x }) => <circle key={id} className={`compare-dot ${kind}`} cx={x} cy={y} r={3} />);
  return (
    <svg className="compare-dots" width={WIDTH} height={HEIGHT} role="img" aria-label={`Runs: ${title}`}>
      <title>{title}</title>
      <line className="compare-dots-line" x1={0} x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      {dots(before, 6, "before")}
      {dots(after, HEIGHT - 6, "after")}
    </svg>
  );
}

function Neighbours({
  title,
  rows,
  table,
}: {
  readonly title: string;
  readonly rows: readonly CompareNeighbour[];
  readonly table: CompareFunctionTable;
}) {
  const { actions } = useApp();
  return (
    <section className="compare-neighbours" aria-label={title}>
      <h3>{title}</h3>
      {rows.length === 0 ? <p className="faint">none</p> : null}
      <ul>
        {rows.map(({ name, before, after }) => (
          <li key={name}>
            {name === "" ? (
              <span className="muted">top of the stack</span>
            ) : (
              <button
                type="button"
                className="compare-link truncate"
                title={name}
                onClick={() => actions.pickCompared(name)}
              >
                {name}
              </button>
            )}
            <span className="compare-number">
              {valueWords(before, table.wholeBefore, table)} → {valueWords(after, table.wholeAfter, table)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
