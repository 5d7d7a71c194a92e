import { Icon } from "./icon.tsx";
import "./chip.css";

/** A filter that is on; the whole chip takes it away. */
export function FilterChip({
  kind,
  text,
  onRemove,
}: {
  readonly kind: string;
  readonly text: string;
  readonly onRemove: () => void;
}) {
  return (
    <button
      type="button"
      className="chip"
      onClick={onRemove}
      aria-label={`Remove filter: ${kind} ${text}`}
      title={`${kind} ${text}`}
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
