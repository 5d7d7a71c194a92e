import { plainName } from "../function-text.ts";
import type { FlameFrame } from "./flame-model.ts";

export interface FlameBreadcrumbsProps {
  readonly path: readonly FlameFrame[];
  readonly zoomTo: (frame: FlameFrame) => void;
}

/** So many of the innermost callers are named; those between them and the root are counted. */
const namedCallers = 4;

/** The way from the root to the frame that is zoomed into. */
export function FlameBreadcrumbs({ path, zoomTo }: FlameBreadcrumbsProps) {
  const root = path[0];
  if (root === undefined) return null;
  const rest = path.slice(1);
  // A single one that would be left out is named rather than counted.
  const named = rest.slice(rest.length === namedCallers + 1 ? 0 : -namedCallers);
  const hidden = rest.length - named.length;
  return (
    <nav className="flame-crumbs" aria-label="Zoomed into">
      <ol>
        <li>
          <button type="button" onClick={() => zoomTo(root)} title="Zoom out to everything (Esc)">
            {plainName(root.name)}
          </button>
        </li>
        {hidden > 0 ? (
          <li className="flame-crumbs-more" title={`${hidden} more callers`}>
            … {hidden} more
          </li>
        ) : null}
        {named.map((frame, index) => (
          <li key={frame.id}>
            <button
              type="button"
              aria-current={index === named.length - 1 ? "true" : undefined}
              onClick={() => zoomTo(frame)}
              title={plainName(frame.name)}
            >
              {plainName(frame.name)}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
