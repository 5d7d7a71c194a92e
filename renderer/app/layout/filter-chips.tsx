import { Button, IconButton } from "../../widgets/button.tsx";
import { FilterChip } from "../../widgets/chip.tsx";
import { chipsOf, patternProblem } from "../selection.ts";
import { type ProfileDocument, slotOf, threadNameOf } from "../store/document.ts";
import { useApp } from "../use-app.ts";

/** Every filter that is on, each to be taken away, all to be undone. Nothing where none is and none was. */
export function FilterChips({ document }: { readonly document: ProfileDocument }) {
  const { store, actions, views } = useApp();
  const { id, history, tab } = document;
  const chips = chipsOf(history.present, threadNameOf(document));
  const { undo, redo, select } = store.getState();
  const search = patternProblem(history.present.search) === "" ? history.present.search : "";
  const flame = slotOf(document, "flame").table;
  const filters = views.find((view) => view.id === tab)?.search === "filter";
  const nothingFound = tab === "flame" && flame !== null && flame.matchedValue === 0;
  if (chips.length === 0 && search === "" && history.past.length === 0 && history.future.length === 0)
    return null;
  return (
    <section className="filter-chips" aria-label="Filters">
      <IconButton
        label="Undo filter"
        hint="Ctrl Z"
        icon="undo"
        small
        disabled={history.past.length === 0}
        onClick={() => undo(id)}
      />
      <IconButton
        label="Redo filter"
        hint="Ctrl Shift Z"
        icon="redo"
        small
        disabled={history.future.length === 0}
        onClick={() => redo(id)}
      />
      {chips.map((chip) => (
        <FilterChip
          key={chip.id}
          kind={chip.kind}
          text={chip.text}
          onRemove={() => select(id, chip.without)}
        />
      ))}
      {search ? (
        <FilterChip
          kind={filters ? "filter" : "search"}
          text={nothingFound ? `/${search}/ not found` : `/${search}/`}
          onRemove={() => select(id, { search: "" })}
        />
      ) : null}
      {chips.length === 0 && search === "" ? <span className="faint">No filters</span> : null}
      {chips.length + (search ? 1 : 0) > 1 ? (
        <Button small look="quiet" onClick={() => actions.clear(id)}>
          Clear all
        </Button>
      ) : null}
    </section>
  );
}
