import { textOf } from "../../bytes/ascii.ts";

/** py-spy's own speedscope file, as it writes it: other writers of the format begin otherwise. */
const HEAD =
  /^\{"\$schema":"https:\/\/www\.speedscope\.app\/file-format-schema\.json","profiles":\[\{"type":"sampled","name":"(?:Process \d+ )?Thread (?:\d+|0x[0-9a-f]+) \\"/;

export const looksLikePySpy = (head: Uint8Array): boolean => HEAD.test(textOf(head.subarray(0, 512)));

/** Such files one after the other, as the workbench records them. */
export const looksLikePySpyPieces = (head: Uint8Array): boolean =>
  /^\{"beganNs":\d+,"endedNs":\d+,(?:"gil":true,)?"profile":\{"\$schema":/.test(
    textOf(head.subarray(0, 256)),
  );
