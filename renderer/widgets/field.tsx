import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import "./field.css";

/** A labelled control; `children` gets the ids to wire up. */
export function Field({
  label,
  help,
  error,
  children,
}: {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string;
  readonly children: (wiring: {
    readonly id: string;
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": boolean | undefined;
  }) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-describedby": help || error ? `${id}-help` : undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {error || help ? (
        <p id={`${id}-help`} className={error ? "field-error" : "field-help"}>
          {error || help}
        </p>
      ) : null}
    </div>
  );
}

export function TextInput({
  className,
  mono,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & {
  readonly mono?: boolean;
  readonly ref?: Ref<HTMLInputElement>;
}) {
  return (
    <input
      type="text"
      spellCheck={false}
      autoComplete="off"
      autoCapitalize="off"
      {...rest}
      className={`input${mono ? " mono" : ""} ${className ?? ""}`}
    />
  );
}

export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea spellCheck {...rest} className={`input text-area ${className ?? ""}`} />;
}

export function SearchInput({
  id,
  label,
  value,
  onChange,
  placeholder,
  problem,
  count = "",
  hint,
  inputRef,
  onKeyDown,
  testId,
}: {
  readonly id?: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder: string;
  readonly problem?: string;
  /** How many are found, of how many; "" while nothing is searched. */
  readonly count?: string;
  readonly hint?: string;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly onKeyDown?: InputHTMLAttributes<HTMLInputElement>["onKeyDown"];
  readonly testId?: string;
}) {
  const problemId = useId();
  return (
    <div className={`search${problem ? " bad" : ""}`}>
      <Icon name="search" size={14} />
      <input
        id={id}
        ref={inputRef}
        type="search"
        aria-label={label}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? problemId : undefined}
        value={value}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        data-testid={testId}
      />
      <span className="search-count" role="status">
        {count}
      </span>
      {value ? (
        <IconButton label="Clear" icon="close" small onClick={() => onChange("")} />
      ) : hint ? (
        <span className="keycap" aria-hidden="true">
          {hint}
        </span>
      ) : null}
      {problem ? (
        <p id={problemId} className="search-problem" role="status">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
