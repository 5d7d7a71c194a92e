import { Icon } from "./icon.tsx";
import "./chip.css";

/** A filter that is on; the whole chip takes it away. */
export function FilterChip({
  kind,
  text,
  about = "",
  onRemove,
  onMenu,
}: {
  readonly kind: string;
  readonly text: string;
  /** What the filter does, where its text does not say it. */
  readonly about?: string;
  readonly onRemove: () => void;
  readonly onMenu?: (x: number, y: number) => void;
}) {
  return (
    <button
      type="button"
      className="chip"
      onClick={onRemove}
      onContextMenu={(event) => {
        if (!onMenu) return;
        event.preventDefault();
        const box = event.currentTarget.getBoundingClientRect();
        onMenu(box.left, box.bottom);
      }}
      aria-label={`Remove filter: ${kind} ${text}`}
      title={`${kind} ${text}${about ? `\n${about}` : ""}`}
    >
      <span className="chip-kind">{kind}</span>
      <span className="chip-text truncate">{text}</span>
      <Icon name="close" size={10} />
    </button>
  );
}

/** A choice of a few, of which one is on. */
export function Segments<K extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  readonly label: string;
  readonly choices: readonly { readonly value: K; readonly title: string }[];
  readonly value: K | null;
  readonly onChange: (value: K) => void;
}) {
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">{label}</legend>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
        >
          {choice.title}
        </button>
      ))}
    </fieldset>
  );
}
