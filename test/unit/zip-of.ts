import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";

/** A zip of files, by name; a name that ends in a slash is a folder. */
export async function zipOf(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter());
  for (const [name, text] of Object.entries(files)) {
    const directory = name.endsWith("/");
    const bytes = new Uint8ArrayReader(new TextEncoder().encode(text));
    await writer.add(name, directory ? undefined : bytes, { directory });
  }
  return writer.close();
}
