import { useId } from "react";
import { Field, TextInput } from "./field.tsx";
import "./option-form.css";

interface OptionHead {
  readonly id: string;
  readonly title: string;
  readonly help: string;
}

/** An option of a profiler or an exporter, as data. */
export type OptionField = OptionHead &
  (
    | {
        readonly type: "number";
        readonly default: number;
        readonly min: number;
        readonly max: number;
        readonly unit: string;
      }
    | {
        readonly type: "choice";
        readonly default: string;
        readonly choices: readonly { readonly value: string; readonly title: string }[];
      }
    | { readonly type: "flag"; readonly default: boolean }
    | {
        readonly type: "text";
        readonly default: string;
        readonly pattern: string;
        readonly example: string;
        readonly suggestions?: readonly string[];
      }
  );

type OptionValue = string | number | boolean;

/** A form made of descriptions of options. */
export function OptionForm({
  options,
  values,
  onChange,
}: {
  readonly options: readonly OptionField[];
  readonly values: Readonly<Record<string, OptionValue>>;
  readonly onChange: (id: string, value: OptionValue) => void;
}) {
  return (
    <div className="option-form">
      {options.map((option) => (
        <OptionRow
          key={option.id}
          option={option}
          value={values[option.id] ?? option.default}
          onChange={(value) => onChange(option.id, value)}
        />
      ))}
    </div>
  );
}

function OptionRow({
  option,
  value,
  onChange,
}: {
  readonly option: OptionField;
  readonly value: OptionValue;
  readonly onChange: (value: OptionValue) => void;
}) {
  const id = useId();
  if (option.type === "flag") {
    return (
      <div className="check-field">
        <input
          type="checkbox"
          id={id}
          checked={value === true}
          aria-describedby={`${id}-help`}
          onChange={(event) => onChange(event.target.checked)}
        />
        <div>
          <label htmlFor={id}>{option.title}</label>
          <p className="field-help" id={`${id}-help`}>
            {option.help}
          </p>
        </div>
      </div>
    );
  }
  if (option.type === "choice") {
    return (
      <Field label={option.title} help={option.help}>
        {(wiring) => (
          <select
            {...wiring}
            className="select"
            value={String(value)}
            onChange={(event) => onChange(event.target.value)}
          >
            {option.choices.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.title}
              </option>
            ))}
          </select>
        )}
      </Field>
    );
  }
  if (option.type === "text") return <TextOption option={option} value={String(value)} onChange={onChange} />;
  const number = typeof value === "number" ? value : Number.NaN;
  const good = number >= option.min && number <= option.max;
  return (
    <Field
      label={option.title}
      help={option.help}
      error={good ? "" : `From ${option.min} to ${option.max} ${option.unit}.`}
    >
      {(wiring) => (
        <span className="number-field">
          <TextInput
            {...wiring}
            type="number"
            min={option.min}
            max={option.max}
            value={Number.isNaN(number) ? "" : number}
            onChange={(event) => onChange(event.target.valueAsNumber)}
          />
          <span className="muted">{option.unit}</span>
        </span>
      )}
    </Field>
  );
}

function TextOption({
  option,
  value,
  onChange,
}: {
  readonly option: Extract<OptionField, { type: "text" }>;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const listId = useId();
  // What is completed is the last of several names.
  const before = value.slice(0, value.lastIndexOf(",") + 1);
  return (
    <Field
      label={option.title}
      help={option.help}
      error={isGoodText(option, value) ? "" : `Such as ${option.example}.`}
    >
      {(wiring) => (
        <>
          <TextInput
            {...wiring}
            mono
            spellCheck={false}
            autoComplete="off"
            list={option.suggestions ? listId : undefined}
            placeholder={option.example}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          {option.suggestions ? (
            <datalist id={listId}>
              {option.suggestions.map((text) => (
                <option key={text} value={before + text} />
              ))}
            </datalist>
          ) : null}
        </>
      )}
    </Field>
  );
}

const isGoodText = ({ pattern }: { readonly pattern: string }, value: string): boolean =>
  new RegExp(`^(?:${pattern})$`).test(value);

/** Every number of the form lies where it may, and every text is one. */
export const optionsAreGood = (
  options: readonly OptionField[],
  values: Readonly<Record<string, OptionValue>>,
): boolean =>
  options.every((option) => {
    const value = values[option.id];
    if (value === undefined) return true;
    if (option.type === "text") return typeof value === "string" && isGoodText(option, value);
    if (option.type !== "number") return true;
    return typeof value === "number" && value >= option.min && value <= option.max;
  });
