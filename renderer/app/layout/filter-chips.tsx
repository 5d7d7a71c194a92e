import { joinWords } from "#core/base/shell-words.ts";
import { everything } from "#core/model/query.ts";
import { wordsOfSelection } from "#core/model/selection-words.ts";
import { Button, IconButton } from "../../widgets/button.tsx";
import { FilterChip } from "../../widgets/chip.tsx";
import type { MenuAction } from "../../widgets/menu.tsx";
import { type Chip, chipsOf, patternProblem } from "../selection.ts";
import { type ProfileDocument, slotOf, threadNameOf } from "../store/document.ts";
import { useApp } from "../use-app.ts";

/** Every filter that is on, each to be taken away, all to be undone. Nothing where none is and none was. */
export function FilterChips({ document }: { readonly document: ProfileDocument }) {
  const { store, actions, views } = useApp();
  const { id, history, tab } = document;
  const chips = chipsOf(history.present, threadNameOf(document));
  const { undo, redo, select, openMenu, openDialog } = store.getState();
  const search = patternProblem(history.present.search) === "" ? history.present.search : "";
  const flame = slotOf(document, "flame").table;
  const filters = views.find((view) => view.id === tab)?.search === "filter";
  const nothingFound = tab === "flame" && flame !== null && flame.matchedValue === 0;
  const menuOf = ({ transforms: at, without }: Chip): readonly MenuAction[] => {
    const { transforms } = history.present;
    const remove: MenuAction = {
      id: "remove",
      title: "Take this filter away",
      icon: "close",
      run: () => select(id, without),
    };
    if (at === null) return [remove];
    const [from, to] = at;
    const own = transforms.slice(from, to);
    const others = [...transforms.slice(0, from), ...transforms.slice(to)];
    const moved = (place: number): void =>
      actions.setTransforms(id, [...others.slice(0, place), ...own, ...others.slice(place)]);
    const words = (): string =>
      joinWords(wordsOfSelection({ ...everything, transforms: own }, slotOf(document, "info").table));
    return [
      {
        id: "change",
        title: "Change…",
        disabled: own.length !== 1 || own[0]?.type === "invert",
        run: () => openDialog({ kind: "filters", documentId: id, at }),
      },
      remove,
      {
        id: "only",
        title: "Take the others away",
        disabled: others.length === 0,
        run: () => actions.setTransforms(id, own),
      },
      {
        id: "earlier",
        title: "Apply first",
        separated: true,
        disabled: from === 0,
        run: () => moved(0),
      },
      {
        id: "later",
        title: "Apply last",
        disabled: to === transforms.length,
        run: () => moved(others.length),
      },
      {
        id: "copy",
        title: "Copy as flags of the command line",
        icon: "copy",
        separated: true,
        run: () => actions.copy(words(), "the filter"),
      },
    ];
  };
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
          about={chip.about}
          onRemove={() => select(id, chip.without)}
          onMenu={(x, y) => openMenu({ x, y, heading: `${chip.kind} ${chip.text}`, actions: menuOf(chip) })}
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
