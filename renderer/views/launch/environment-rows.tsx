import { Button, IconButton } from "../../widgets/button.tsx";
import { TextInput } from "../../widgets/field.tsx";

export interface EnvironmentRow {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

/** The variables as they will be added, or what is wrong with them. Rows without a name and a value do not count. */
export function environmentOf(rows: readonly EnvironmentRow[]): Record<string, string> | string {
  const environment: Record<string, string> = {};
  for (const { name, value } of rows) {
    if (name === "" && value === "") continue;
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      return `“${name}” is no name of a variable: letters, digits and _ only, no digit first.`;
    }
    if (Object.hasOwn(environment, name)) return `${name} is set twice.`;
    environment[name] = value;
  }
  return environment;
}

export function EnvironmentRows({
  rows,
  onChange,
  error,
}: {
  readonly rows: readonly EnvironmentRow[];
  readonly onChange: (rows: readonly EnvironmentRow[]) => void;
  readonly error: string;
}) {
  const change = (id: number, patch: Partial<EnvironmentRow>): void =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...patch } : row)));
  const add = (): void =>
    onChange([...rows, { id: 1 + Math.max(0, ...rows.map((row) => row.id)), name: "", value: "" }]);
  return (
    <fieldset className="environment">
      <legend className="field-label">Environment</legend>
      {rows.map((row) => (
        <div key={row.id} className="environment-row">
          <TextInput
            mono
            aria-label="Name of the variable"
            placeholder="NAME"
            value={row.name}
            onChange={(event) => change(row.id, { name: event.target.value })}
          />
          <TextInput
            mono
            aria-label={`Value of ${row.name || "the variable"}`}
            placeholder="value"
            value={row.value}
            onChange={(event) => change(row.id, { value: event.target.value })}
          />
          <IconButton
            label={`Remove ${row.name || "the variable"}`}
            icon="close"
            onClick={() => onChange(rows.filter((each) => each.id !== row.id))}
          />
        </div>
      ))}
      {error ? <p className="field-error">{error}</p> : null}
      <Button small icon="plus" onClick={add}>
        Add a variable
      </Button>
    </fieldset>
  );
}
