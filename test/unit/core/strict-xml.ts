export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Text directly inside, entities resolved. */
  text: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that XML 1.0 forbids
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function resolve(text: string): string {
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    const numeric = /^#(\d+)$/.exec(name);
    const found = numeric ? String.fromCodePoint(Number(numeric[1])) : entities[name];
    if (found === undefined || !whole.endsWith(";")) throw new Error(`bad entity ${whole}`);
    return found;
  });
}

/** Every element of a document, in order. Throws where an XML 1.0 parser would: nesting, quoting, characters, entities. */
export function parseXml(document: string): XmlElement[] {
  if (forbidden.test(document)) throw new Error("a character that XML does not allow");
  const elements: XmlElement[] = [];
  const open: XmlElement[] = [];
  const names = new Set<string>();
  let at = document.startsWith("<?xml") ? document.indexOf("?>") + 2 : 0;
  while (at < document.length) {
    if (document.startsWith("<![CDATA[", at)) {
      const end = document.indexOf("]]>", at);
      if (end === -1) throw new Error("CDATA without an end");
      const inside = open.at(-1);
      if (!inside) throw new Error("text outside the root");
      inside.text += document.slice(at + 9, end);
      at = end + 3;
    } else if (document.startsWith("</", at)) {
      const end = document.indexOf(">", at);
      const closed = open.pop();
      if (closed?.name !== document.slice(at + 2, end))
        throw new Error(`</${document.slice(at + 2, end)}> closes ${closed?.name}`);
      at = end + 1;
    } else if (document[at] === "<") {
      const tag = /<([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
      tag.lastIndex = at;
      const found = tag.exec(document);
      if (!found) throw new Error(`bad tag at ${document.slice(at, at + 80)}`);
      const attributes: Record<string, string> = {};
      for (const [, name, value] of found[2].matchAll(/([\w:-]+)="([^"]*)"/g)) {
        if (Object.hasOwn(attributes, name)) throw new Error(`${name} twice`);
        attributes[name] = resolve(value);
        if (name === "id" && names.size === names.add(value).size) throw new Error(`id ${value} twice`);
      }
      const element: XmlElement = { name: found[1], attributes, text: "" };
      elements.push(element);
      if (found[3] === "") open.push(element);
      at = tag.lastIndex;
    } else {
      const end = document.indexOf("<", at);
      const text = resolve(document.slice(at, end === -1 ? undefined : end));
      const inside = open.at(-1);
      if (!inside && text.trim() !== "") throw new Error("text outside the root");
      if (inside) inside.text += text;
      at = end === -1 ? document.length : end;
    }
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.name}> is not closed`);
  return elements;
}
