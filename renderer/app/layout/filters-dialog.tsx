import { type FormEvent, useEffect, useId, useState } from "react";
import { formatCount } from "#core/base/numbers.ts";
import { type Preset, placeOfPreset, presets } from "#core/model/presets.ts";
import type { FiltersTable } from "#core/model/tables.ts";
import type { Transform, TransformWhere } from "#core/model/transform.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { documentOf } from "../actions/context.ts";
import {
  type AskedFilter,
  askedFilter,
  type FilterType,
  filterTypes,
  hasPlace,
  isLabelFilter,
  needsName,
  placeWords,
  transformFrom,
} from "../asked-filter.ts";
import { readableKeys } from "../keymap.ts";
import { keyOfPreset } from "../preset-commands.ts";
import { patternProblem } from "../selection.ts";
import { transformWords } from "../transform-words.ts";
import { useApp, useAppState } from "../use-app.ts";
import "./filters-dialog.css";

/** Presets of what the profile holds, and any one filter by a pattern or a name. */
export function FiltersDialog({
  documentId,
  at,
}: {
  readonly documentId: string;
  readonly at: readonly [from: number, to: number] | null;
}) {
  const { actions } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const transforms =
    useAppState((state) => state.documents.find(({ id }) => id === documentId)?.history.present.transforms) ??
    [];
  const [offered, setOffered] = useState<FiltersTable | null>(null);
  useEffect(() => {
    let isOpen = true;
    void actions.filtersOf(documentId).then((table) => {
      if (isOpen) setOffered(table);
    });
    return () => {
      isOpen = false;
    };
  }, [actions, documentId]);
  const formId = useId();
  const changed = at === null ? undefined : transforms[at[0]];
  const submit = (transform: Transform): void => {
    if (at === null) actions.transform(documentId, transform);
    else actions.setTransforms(documentId, transforms.with(at[0], transform));
    close();
  };
  return (
    <Dialog
      title={at === null ? "Filters" : "Change a filter"}
      description="Filters work in the order of their chips. Every one can be taken away and undone (Ctrl Z)."
      onClose={close}
      width={640}
      testId="filters-dialog"
      footer={
        <>
          <Button onClick={close}>Close</Button>
          <Button look="primary" type="submit" form={formId}>
            {at === null ? "Add the filter" : "Change"}
          </Button>
        </>
      }
    >
      <FilterForm
        documentId={documentId}
        formId={formId}
        before={changed ?? null}
        labels={offered?.labels ?? []}
        onSubmit={submit}
      />
      {at === null ? (
        <PresetList
          offered={offered}
          transforms={transforms}
          onToggle={(preset) => actions.togglePreset(documentId, preset)}
        />
      ) : null}
    </Dialog>
  );
}

function FilterForm({
  documentId,
  formId,
  before,
  labels,
  onSubmit,
}: {
  readonly documentId: string;
  readonly formId: string;
  readonly before: Transform | null;
  readonly labels: FiltersTable["labels"];
  readonly onSubmit: (transform: Transform) => void;
}) {
  const { store } = useApp();
  const [asked, setAsked] = useState<AskedFilter>(() =>
    askedFilter(before, documentOf(store, documentId)?.selectedName ?? ""),
  );
  const listId = useId();
  const { type, where, text } = asked;
  const isName = needsName(type);
  const isLabel = isLabelFilter(type);
  const problem = text === "" ? "" : isName || isLabel ? "" : patternProblem(text);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const transform = transformFrom(asked);
    if (transform && problem === "") onSubmit(transform);
  };
  return (
    <form id={formId} className="filter-form" onSubmit={submit}>
      <Field label="Filter" help={transformWords[type].about}>
        {(wiring) => (
          <select
            {...wiring}
            className="select"
            value={type}
            onChange={(event) => setAsked({ ...asked, type: event.target.value as FilterType })}
          >
            {filterTypes.map((each) => (
              <option key={each} value={each}>
                {transformWords[each].title}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="filter-subject">
        {hasPlace(type) ? (
          <Field label="Of">
            {(wiring) => (
              <select
                {...wiring}
                className="select"
                value={where}
                onChange={(event) => setAsked({ ...asked, where: event.target.value as TransformWhere })}
              >
                {Object.entries(placeWords).map(([place, words]) => (
                  <option key={place} value={place}>
                    {words}
                  </option>
                ))}
              </select>
            )}
          </Field>
        ) : null}
        <Field
          label={isName ? "Function (exact name)" : isLabel ? "Label" : "Regular expression"}
          help={isLabel && labels.length === 0 ? "The samples of this profile have no labels." : undefined}
          error={problem}
        >
          {(wiring) => (
            <TextInput
              {...wiring}
              mono
              autoFocus
              value={text}
              list={isLabel ? listId : undefined}
              placeholder={isLabel ? "request=GET" : isName ? "parse_header" : "^parse_"}
              onFocus={(event) => event.currentTarget.select()}
              onChange={(event) => setAsked({ ...asked, text: event.target.value })}
            />
          )}
        </Field>
      </div>
      <datalist id={listId}>
        {labels.flatMap(({ key, texts }) =>
          texts.map((each) => <option key={`${key}=${each}`} value={`${key}=${each}`} />),
        )}
      </datalist>
    </form>
  );
}

function PresetKey({ id }: { readonly id: string }) {
  const { shell } = useApp();
  const key = keyOfPreset(id);
  return key === null ? null : <kbd>{readableKeys(key, shell.mac)}</kbd>;
}

function PresetList({
  offered,
  transforms,
  onToggle,
}: {
  readonly offered: FiltersTable | null;
  readonly transforms: readonly Transform[];
  readonly onToggle: (preset: Preset) => void;
}) {
  const functions = new Map(offered?.presets.map((each) => [each.id, each.functions]));
  const shown = presets.filter(
    (preset) => functions.has(preset.id) || placeOfPreset(transforms, preset) >= 0,
  );
  const groups = [...new Set(shown.map(({ group }) => group))];
  return (
    <section className="presets" aria-label="Presets">
      <h3>Presets</h3>
      {offered === null ? <p className="faint">Looking at what the profile holds…</p> : null}
      {offered !== null && shown.length === 0 ? (
        <p className="faint">None fits: the profile knows no library, runtime or kernel functions.</p>
      ) : null}
      {groups.map((group) => (
        <fieldset key={group} className="preset-group">
          <legend>{group}</legend>
          {shown
            .filter((preset) => preset.group === group)
            .map((preset) => (
              <label key={preset.id} className="preset">
                <input
                  type="checkbox"
                  checked={placeOfPreset(transforms, preset) >= 0}
                  onChange={() => onToggle(preset)}
                />
                <span>
                  <span className="preset-title">{preset.title}</span>
                  <span className="muted"> {preset.about}</span>
                </span>
                <span className="faint preset-count">
                  {formatCount(functions.get(preset.id) ?? 0)}{" "}
                  {functions.get(preset.id) === 1 ? "function" : "functions"}
                </span>
                <PresetKey id={preset.id} />
              </label>
            ))}
        </fieldset>
      ))}
    </section>
  );
}
