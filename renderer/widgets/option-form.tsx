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

/** Every number of the form lies where it may. */
export const optionsAreGood = (
  options: readonly OptionField[],
  values: Readonly<Record<string, OptionValue>>,
): boolean =>
  options.every((option) => {
    const value = values[option.id];
    if (option.type !== "number" || value === undefined) return true;
    return typeof value === "number" && value >= option.min && value <= option.max;
  });
