import type { Problem } from "#core/base/result.ts";
import type { Recipe } from "#core/contract.ts";
import type { ListedTarget, OptionValues, TargetFacts } from "#core/model/recording.ts";
import type { GridSort } from "../../widgets/grid.tsx";
import { arrangeTargets, descendsFirst, type TargetRow } from "./target-order.ts";
import type { Slice } from "./types.ts";

export interface RecipeList {
  readonly phase: "loading" | "ready" | "failed";
  readonly recipes: readonly Recipe[];
  readonly problem: Problem | null;
  /** What the program is; null until it is known, or where nothing can be. */
  readonly facts?: TargetFacts | null;
}

export interface TargetsSlice {
  /** null until the first list came. */
  readonly targets: readonly ListedTarget[] | null;
  readonly targetRows: readonly TargetRow[];
  readonly hiddenTargets: number;
  readonly targetsProblem: Problem | null;
  readonly targetSearch: string;
  readonly targetSort: GridSort;
  /** The order is kept while the person points at the list or walks through it. */
  readonly targetsHeld: boolean;
  readonly selectedPid: number | null;
  /** Picked for one recording of several. */
  readonly pickedPids: readonly number[];
  /** Of the selected process. */
  readonly recipes: RecipeList | null;
  /** Options as they were set, by profiler: kept from one target to the next. */
  readonly optionsOf: Readonly<Record<string, OptionValues>>;
  /** Text of the duration field: "" is until stopped. */
  readonly durationText: string;
  readonly setTargets: (targets: readonly ListedTarget[], hidden: number) => void;
  readonly setTargetsProblem: (problem: Problem) => void;
  readonly searchTargets: (search: string) => void;
  readonly sortTargets: (column: string) => void;
  readonly holdTargets: (held: boolean) => void;
  readonly pickTarget: (pid: number) => void;
  /** All of them, beside what was picked before; none that has ended. */
  readonly pickTargets: (rows: readonly TargetRow[]) => void;
  readonly clearPicked: () => void;
  readonly selectTarget: (pid: number | null) => void;
  readonly setRecipes: (pid: number, recipes: RecipeList) => void;
  readonly setOption: (profiler: string, option: string, value: string | number | boolean) => void;
  readonly resetOptions: (profiler: string) => void;
  /** Sets what makes the profiler answer a question, and takes back what made it answer another. */
  readonly answerWith: (profiler: string, options: OptionValues, takeBack: readonly string[]) => void;
  readonly setDurationText: (durationText: string) => void;
}

export const targetsSlice: Slice<TargetsSlice> = (set, get) => {
  const arrange = (held: boolean): { targetRows: readonly TargetRow[] } => {
    const { targetRows, targets, targetSort, targetSearch } = get();
    return { targetRows: arrangeTargets(targetRows, targets ?? [], targetSort, targetSearch, held) };
  };
  return {
    targets: null,
    targetRows: [],
    hiddenTargets: 0,
    targetsProblem: null,
    targetSearch: "",
    targetSort: { column: "cpu", descending: true },
    targetsHeld: false,
    selectedPid: null,
    pickedPids: [],
    recipes: null,
    optionsOf: {},
    durationText: "",
    setTargets: (targets, hiddenTargets) => {
      const there = new Set(targets.map(({ pid }) => pid));
      const { pickedPids } = get();
      const gone = pickedPids.some((pid) => !there.has(pid));
      set({ targets, hiddenTargets, targetsProblem: null });
      if (gone) set({ pickedPids: pickedPids.filter((pid) => there.has(pid)) });
      set(arrange(get().targetsHeld));
    },
    setTargetsProblem: (targetsProblem) => set({ targetsProblem }),
    searchTargets: (targetSearch) => {
      set({ targetSearch });
      set(arrange(false));
      const { targetRows, selectedPid } = get();
      if (selectedPid !== null && !targetRows.some((row) => row.pid === selectedPid)) {
        set({ selectedPid: null, recipes: null });
      }
    },
    sortTargets: (column) => {
      const { targetSort } = get();
      const descending = targetSort.column === column ? !targetSort.descending : descendsFirst(column);
      set({ targetSort: { column, descending } });
      set(arrange(false));
    },
    holdTargets: (targetsHeld) => {
      if (targetsHeld === get().targetsHeld) return;
      set({ targetsHeld, ...(targetsHeld ? {} : arrange(false)) });
    },
    pickTarget: (pid) => {
      const { pickedPids } = get();
      set({
        pickedPids: pickedPids.includes(pid)
          ? pickedPids.filter((each) => each !== pid)
          : [...pickedPids, pid],
      });
    },
    pickTargets: (rows) => {
      const pids = rows.filter(({ gone }) => !gone).map(({ pid }) => pid);
      set({ pickedPids: [...new Set([...get().pickedPids, ...pids])] });
    },
    clearPicked: () => set({ pickedPids: [] }),
    selectTarget: (selectedPid) => {
      if (selectedPid !== get().selectedPid) set({ selectedPid, recipes: null });
    },
    setRecipes: (pid, recipes) => {
      if (get().selectedPid === pid) set({ recipes });
    },
    setOption: (profiler, option, value) => {
      const { optionsOf } = get();
      set({ optionsOf: { ...optionsOf, [profiler]: { ...optionsOf[profiler], [option]: value } } });
    },
    resetOptions: (profiler) => {
      const { [profiler]: _, ...rest } = get().optionsOf;
      set({ optionsOf: rest });
    },
    answerWith: (profiler, options, takeBack) => {
      const { optionsOf } = get();
      const others = Object.entries(optionsOf[profiler] ?? {}).filter(([id]) => !takeBack.includes(id));
      set({ optionsOf: { ...optionsOf, [profiler]: { ...Object.fromEntries(others), ...options } } });
    },
    setDurationText: (durationText) => set({ durationText }),
  };
};

/** Seconds, null for "until stopped", or what is wrong with the text. */
export function parseDuration(text: string): number | null | string {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)?$/.exec(trimmed);
  if (!match) return "Write seconds, such as 30, or 5 min.";
  const seconds = Number(match[1]) * ({ h: 3600, m: 60, min: 60 }[match[2] ?? "s"] ?? 1);
  return seconds >= 0.1 ? seconds : "At least 0.1 s.";
}
