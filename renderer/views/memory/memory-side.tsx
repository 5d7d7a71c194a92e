import { useRef } from "react";
import { formatBytes, formatCount, formatDuration, formatPercent } from "#core/base/numbers.ts";
import type { MemorySite, MemoryTable } from "#core/model/memory-table.ts";
import type { ProfileDocument } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { plainName } from "../../widgets/function-text.ts";
import { siteKey } from "./memory-sites.tsx";
import { changeMemory, memoryStateOf } from "./memory-state.ts";

/** Of the selected site its stack, the sizes of blocks, and what is known and left out. */
export function MemorySide({
  document,
  table,
}: {
  readonly document: ProfileDocument;
  readonly table: MemoryTable;
}) {
  const { site } = memoryStateOf(document);
  const shown = table.sites.find((each) => siteKey(each) === site) ?? table.sites[0];
  return (
    <aside className="memory-side" aria-label="About the site, sizes, suppressions">
      {shown === undefined ? null : <SiteFacts site={shown} table={table} />}
      {shown !== undefined && shown.objects.length > 0 ? (
        <Objects site={shown} leastSizes={table.leastSizes} />
      ) : null}
      {table.sizes.length > 0 ? <Sizes table={table} /> : null}
      <Suppressions document={document} table={table} />
    </aside>
  );
}

function SiteFacts({ site, table }: { readonly site: MemorySite; readonly table: MemoryTable }) {
  return (
    <section>
      <h2>{plainName(site.name)}</h2>
      {table.liveSeries === "" ? null : (
        <p className="muted">
          {formatPercent(site.liveBytes, table.liveAtEndBytes)} of what lives
          {site.stacks > 1 ? `, ${formatCount(site.stacks)} stacks; the one that allocated most:` : ""}
        </p>
      )}
      <ol className="memory-path">
        {site.path.map((name, depth) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stack may have a name twice, its depth is what it is
          <li key={depth} title={plainName(name)}>
            {plainName(name)}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Classes of the objects that are still there, how old they are, and what keeps one of them. */
function Objects({ site, leastSizes }: { readonly site: MemorySite; readonly leastSizes: boolean }) {
  return (
    <section>
      <h2>Objects still there</h2>
      {leastSizes ? (
        <p className="muted">
          This JVM tells no sizes: an array counts as its elements, any other object as 16 bytes.
        </p>
      ) : null}
      <table className="memory-sizes memory-kinds">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Sampled</th>
            <th scope="col">Oldest</th>
          </tr>
        </thead>
        <tbody>
          {site.objects.map(({ type, objects, oldestNs }) => (
            <tr key={type}>
              <th scope="row" title={type}>
                {plainName(type) || "?"}
              </th>
              <td>{formatCount(objects)}</td>
              <td>{formatDuration(oldestNs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {site.objects
        .filter(({ keptBy }) => keptBy.length > 0)
        .map(({ type, keptBy }) => (
          <div key={type}>
            <p className="muted">What refers to one {plainName(type)}, the nearest first:</p>
            <ol className="memory-path">
              {keptBy.map((name, depth) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a chain may have a name twice, its depth is what it is
                <li key={depth} title={name}>
                  {plainName(name)}
                </li>
              ))}
            </ol>
          </div>
        ))}
    </section>
  );
}

function Sizes({ table }: { readonly table: MemoryTable }) {
  const most = Math.max(...table.sizes.map(({ bytes }) => bytes));
  return (
    <section>
      <h2>Sizes of blocks</h2>
      <table className="memory-sizes">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Blocks</th>
            <th scope="col">Bytes</th>
          </tr>
        </thead>
        <tbody>
          {table.sizes.map(({ fromBytes, toBytes, blocks, bytes }) => (
            <tr key={fromBytes}>
              <th scope="row">{fromBytes === 0 ? "1 B" : formatBytes(fromBytes)}</th>
              <td>{formatCount(blocks)}</td>
              <td title={`up to ${formatBytes(toBytes - 1)}`}>
                <span className="memory-bar" aria-hidden="true">
                  <span style={{ width: `${((100 * bytes) / most).toFixed(1)}%` }} />
                </span>
                <span className="memory-bytes">{formatBytes(bytes)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Suppressions({
  document,
  table,
}: {
  readonly document: ProfileDocument;
  readonly table: MemoryTable;
}) {
  const { store } = useApp();
  const file = useRef<HTMLInputElement>(null);
  const { suppressions } = memoryStateOf(document);
  const set = (text: string): void => changeMemory(store, document.id, { suppressions: text });
  return (
    <section>
      <h2>
        <label htmlFor="memory-suppressions">Suppressions</label>
      </h2>
      <textarea
        id="memory-suppressions"
        className="input text-area mono memory-rules"
        rows={3}
        spellCheck={false}
        placeholder={"leak:libfontconfig\n^known_leak$"}
        value={suppressions}
        onChange={(event) => set(event.target.value)}
      />
      <input
        ref={file}
        type="file"
        hidden
        onChange={async (event) => {
          const chosen = event.target.files?.[0];
          if (chosen) set([suppressions.trim(), await chosen.text()].filter(Boolean).join("\n"));
          event.target.value = "";
        }}
      />
      <Button small onClick={() => file.current?.click()} title="Rules of LeakSanitizer or valgrind">
        Add a file…
      </Button>
      {table.suppressed.length === 0 ? null : (
        <ul className="memory-suppressed">
          {table.suppressed.map(({ name, liveBytes, liveBlocks, sites }) => (
            <li key={name}>
              <span className="mono">{name}</span>{" "}
              <span className="muted">
                {formatBytes(liveBytes)} in {formatCount(liveBlocks)} blocks of {formatCount(sites)}{" "}
                {sites === 1 ? "site" : "sites"}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
