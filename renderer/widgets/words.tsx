/** A sentence in which what stands between backticks is a command or a name, as in `perf archive`. Never markup. */
export function Words({ text }: { readonly text: string }) {
  const parts = text.split("`");
  // An odd one out is a sign like any other.
  if (parts.length % 2 === 0) return text;
  return parts.map((part, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text, in its order
    at % 2 === 1 ? <code key={at}>{part}</code> : part,
  );
}
