import { useMemo } from "react";
import type { CompareFlameTable, CompareMode } from "#core/model/compare.ts";
import { compareSlot } from "../../app/store/compare.ts";
import { themeOf } from "../../app/store/settings.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import type { FrameFacts } from "../../widgets/flame/flame-text.ts";
import { FlameView } from "../../widgets/flame/flame-view.tsx";
import { changeColour, compareFill, compareStrip } from "./compare-fill.ts";
import { changeFacts } from "./compare-words.ts";

const WIDTH_STEP_PX = 32;

/** Both sides as one flame graph, each box as wide as its larger side. */
export function CompareFlame() {
  const { store, actions } = useApp();
  const compare = useAppState((state) => state.compare);
  const theme = useAppState(themeOf);
  const { table } = compareSlot(compare, "flame");
  const { patchCompare, openMenu } = store.getState();
  const look = useMemo(() => (table ? lookOf(table, theme) : null), [table, theme]);
  const flame = table?.flame ?? null;
  const nameOf = (row: number): string => flame?.strings[flame.name[row] ?? -1] ?? "";
  const selected = flame ? flame.strings.indexOf(compare.selectedName) : -1;
  const rowOf = flame && selected >= 0 ? flame.name.subarray(0, flame.length).indexOf(selected) : -1;
  return (
    <FlameView
      table={flame}
      selectedFunction={rowOf < 0 ? -1 : (flame?.function[rowOf] ?? -1)}
      live={false}
      widthChanged={(widthPx) =>
        patchCompare({ flameWidthPx: Math.ceil(widthPx / WIDTH_STEP_PX) * WIDTH_STEP_PX })
      }
      zoomRoot={compare.zoomRoot}
      zoom={(zoomRoot) => patchCompare({ zoomRoot })}
      select={(_, node) => {
        const row = flame ? flame.node.subarray(0, flame.length).indexOf(node) : -1;
        if (row >= 0) actions.pickCompared(nameOf(row));
      }}
      openMenu={({ x, y }, row) =>
        openMenu({
          x,
          y,
          heading: nameOf(row),
          actions: [
            { id: "zoom", title: "Zoom in", run: () => patchCompare({ zoomRoot: flame?.node[row] ?? -1 }) },
            {
              id: "table",
              title: "Show in the table",
              run: () => patchCompare({ tab: "functions", search: "", selectedName: nameOf(row) }),
            },
            { id: "copy", title: "Copy the name", run: () => actions.copy(nameOf(row), "the name") },
          ],
        })
      }
      inverted={compare.inverted}
      theme={theme}
      note={modeWords[compare.by]}
      fill={look?.fill}
      strip={look?.strip}
      facts={look?.facts}
      legend={<Legend theme={theme} />}
    />
  );
}

const modeWords: Readonly<Record<CompareMode, string>> = {
  total: "Shares of each side",
  time: "As if recorded as long",
  absolute: "Values as they are",
};

function lookOf(table: CompareFlameTable, theme: "dark" | "light") {
  const words = (row: number): readonly string[] => changeFacts(table.self, table.total, row, table);
  const facts: FrameFacts = Object.assign(words, { replace: true as const });
  return { fill: compareFill(table, theme), strip: compareStrip(table), facts };
}

function Legend({ theme }: { readonly theme: "dark" | "light" }) {
  const entries = [
    { id: "grown", title: "grown: line below", strength: 0.8, edge: "solid" },
    { id: "shrunk", title: "shrunk: dashes below", strength: -0.8, edge: "dashed" },
    { id: "noise", title: "unchanged, or within noise", strength: 0, edge: "none" },
  ] as const;
  return (
    <ul className="flame-legend" aria-label="Colours and signs">
      {entries.map(({ id, title, strength, edge }) => (
        <li key={id}>
          <span
            className="flame-swatch compare-swatch"
            data-edge={edge}
            style={{ backgroundColor: changeColour(strength, theme) }}
            aria-hidden="true"
          />
          {title}
        </li>
      ))}
    </ul>
  );
}
