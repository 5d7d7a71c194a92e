import { fixParts } from "./fix-text.ts";
import { CodeLine } from "./status.tsx";
import { Words } from "./words.tsx";

/** What to do about an obstacle: a command can be copied, a sentence is read. */
export function Fix({ text }: { readonly text: string }) {
  const { words, command } = fixParts(text);
  return (
    <>
      {words === "" ? null : (
        <p className="selectable">
          <b>To do:</b> <Words text={words} />
        </p>
      )}
      {command === "" ? null : <CodeLine text={command} />}
    </>
  );
}
