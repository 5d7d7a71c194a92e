/** What was typed, as bytes that can be zeroed; the field is empty at once. */
export function takeSecret(field: Pick<HTMLInputElement, "value">): Uint8Array<ArrayBuffer> {
  const secret = new TextEncoder().encode(field.value);
  field.value = "";
  return secret;
}
