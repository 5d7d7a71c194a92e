/** What was typed as an address with a scheme; "" where it cannot be one. */
export function endpointUrl(text: string): string {
  const trimmed = text.trim();
  const full = /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (trimmed === "" || !/^(https?|wss?):\/\/[^\s/]+/i.test(full) || !URL.canParse(full)) return "";
  // A bare word is more likely a slip than a host of the local network without its port.
  return full === trimmed || /:\d+(\/|$)/.test(trimmed) ? full : "";
}
