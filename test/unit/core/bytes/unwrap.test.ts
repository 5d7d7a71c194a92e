import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { type ByteSource, memorySource } from "#core/bytes/source.ts";
import { seekable, unwrap } from "#core/bytes/unwrap.ts";

const text = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join("");
const plain = new TextEncoder().encode(text);
const packed = new Uint8Array(gzipSync(plain));
/** Two frames of zstd, and one without data in between. */
const zstd = new Uint8Array(
  Buffer.from(
    "KLUv/QRoRAcAVtctEqCloDnRIwDw10SESCm58YtWKyoALgAkAFXqVNqy640GFolDYUmOMxhWo81kHbe9WLimZ7nz/XEoGim3IAYAAwECARIaGBYOEUJVUU1JtVirKypQEdGQUIk0moLC1NDMyHQ4mycmSAnJiEiFMllCQgOb9mzZ3dzb79jh6+nn5fv8/R8f4oopnljixowXH0ccQgUKEwIlkzyyyJUpT14OOfTq1KdLb2dfv0cPvDjx4cLLycfnwcOugJ+oEBjTc+DXEBI/pSnNkilN1ZRM6ZSmlpznPMd5TuecxzmvzQAAAAD2BgIpBdQGAAYeNAqwuQFk20qWSUAONQAqADAAVJyiFKMIxRYvsrhiEYk4RCEGEYglTiRxxBrScIYyjCEMO3zI4YYlJOEIRRhCEFa4kMIJKxjUp0uPDr39zr5eTz8vHw/f//n74sSHCw8OvHxOPl6b9mzZsWF3v7m3qxg0zyxzzDB3fua8uWSSRxY5ZJArL1OeXDHFE0scMcSNjxkvLpjggQUOGODCw4QHVw/EDitssMCWnSU7tlZaZ5U1Vli7vnLdWjXVU0sdNdStr1mvLprooYUOGujS06RH1xyAoFQDAAMBhA0AtntlCrC5AUQkV6iGHRpjAGMAXQC1qbV2jbXVpBY1qBWNaEMrbRppowktaECrGc1m1tkzzjaTWcxgVh1107W7Y7dOuuigq0dvXt+Pb09ePHjFETdcuTly44QLDrjaaJut2xu3bbLFBlvJSDayypZRNpnIQgayigWcYYcPOdxQhjGEYZVUTtnykuVKKaOEsibNmZ1Pzk2ZMWEWSeSQJSdJjhQySCBrpHHGjo8cN8oYI4wlJOEIK1xI4YQiDCEIK0jBCTZ4kMEFJRhBCBaQgAMscCCBAwowgACsGgXz/Z+/l4+HL058ePmcfFx4cOC1ac/ufnNvy44Nu2SSR668THmyyCGDXDHFEzc+ZrxY4oghLpjggQsPEx4scMAAV5GKU2zxIosrSjGKUCwiEYdY4kQSRxRiEIFYQ5qzdn3lulXWWGEtKUlHWulSSicVaUhBWlGKTrTRo4wuKtGIQrSgBB1ooUMJHVSgAQVo1VRP3fqa9Wqpo4a6aKKHLj1NerTQQQNdM80zd37mvFnmmGGuTn16+/116dGh19MHgT+oESAE/AHh7xsR6I8BiaLR4THJNM0a/AwA1ntlCMDrSYRsHwDjYwBkAF0ADC5YQQpOUIIRhGCBAwkcsIAEHKAAAwjAdnfs1lVH3XTSRQdd349vrx69efLiwSs3R25cccQNJ1xwwHV747atNtpmky022Fq7xtpqVaPa1KQWNaiVNo200YpGtKEJLWhA6+xZLFdWSeWUUkYJZeeTc7MmzZkyY8IsOUlyZJFEDilkkEB2fOS4sUYaZ5QxRhhbvMjiilWk4hSlGEUoljiRxBGLSMQhCjGIQOzwIYcb1pCGM5RhDGFY4UIKJywhCUcowhCCsMGDAeTjxYkPFx4cePebe7s27dmyY8Nufc16ddVUTy111FCXniY9umiihxY6aKA7P3PeXDPNM8scM8yVlylPLpnkkUUOGeTGx4wXV0zxxBJHDHHhYcKDCyZ4YIEDBrjlZatWlapTlWpUoVrqVFJHLSpRhyrUoAK106ecblpTms5UpjGFaaVLKZ20pCQdqUhDCtJGjzK6aEUpOlGJRhSihQ4ldNCCEnSgAg0oQNvv7OvVqU+XHh16/+fv6+nn5ePhy+cBgT9UAwADAZwOALZzVAnA62S7t+SqMwNSAFEATgAE2APuIveQO8hNco/v+j2/4zd/7+2999577922WmqnlTZaaNnerm21qlSdqlSjClVWr65aalGJOlShBhWopE4dtdOa0nSmMo0pTDl9ummlJSVpz/+9r72fvY+9595vd1e7p93RbrZ7rV1Ve6p2VG1W7RXtItpDtINok2iPZtfMnpkdM5szeyO7RPaI7BDZFNmT2BWxJ2JHxGbEXsAugD0AOwB27Uf7bH+tr6qfqo+qZ9Wv6Ivoh+iD6En0o/ma+Zn5mHnO/Ea+RH5EPkSeIj+Jr4ifiI+IZ8Qv4AvgB+AD4AnwA36RP+QH+SR//Ot//uMDQ8SDiJOIj4bXDJ8ZHjOcM3wjvET4iPAQ4RThk+AVwSeCRwRnBF8ALwA+ADwAOAH4gLxIPiQPkpPk47yez/N4zud7vMbxGcdjHOc4vrFf7U+BQKgRtP3h66wBEVgG5QPy3Lk77s7duXPuzt05d+7O3XE3SiBKBRKaSTOpTJpJM9FMmklT0kyaSWXSTJqJZtJIgUQoFe2uXWt37a61a3ftLrtrd+1au2t3rV27q9jzR8iqe6yYY8UbK8ZY8YsVU6xYYsUQa6zhYRUe1vBhPekLbBsA2mVcCgqwuQGUrm1KSY4GpwCeAJ8AMjd5m/wmV4T8RMgSIUeEDLFML8/L8nK8DINMICAPCMgCAnKAgAwgtalqT9WWqh1VG4o2Ee0h2kK0g2gDdVO7p93S7mg3dDbN7JnZMrNjZsNwE7mH3ELuIDdQNonsEdkiskNkg2zTtmfbsu3YNiw2ReyJ2BKxI2JDvOn3/Jbf8RuGTTDYA4MtMNgBgw2wiqkqnqpYquKoiqEoJqJ4iGIhioMoBmpMbRyt4qziq+JX8SLiJeIk4iPiE/FqeVvOlq/lt7xmeGc4Z/hm+DO8SF6Sk+Qj+SQvEV4RThE+Eb4Ir41349z4Nv7GK4I3gjOCL4Ifwet5n/P5nv+8gMALBE4g8AGBDwReVXKrZFbJq5KvkotILpFMInlE8kRytXJbma28Vr6Va0bujMwZeTPyM3KRckmZpDxSnpRLRK6ITBF5IvIicm1yt+wk+8g+2UukV6RTpE+kL9Jr6906t76tv/WK6I3ojOiL6Ef0+t7v/L7vfy8o9EKhEwp9UOhDoVfV3KqZVfOq5qvmIppLNJNoHtE80Vzt3HZmO6+db+eamTszc2bezPzMXORcciY5j5wn5xKZKzJTZJ7IvMhc29xt5jZvm9/mipgbMTNiXsR8xFw/92f+vJ//uWBgLgzMhIF5MDAPA3NV8fx6X/91QUFdKKgJBfWgoB4K6qqiW0Wzil4VfRVdRHSJaBLRI6Inoqul29Js6bX0LV0zdGdoztCboZ+hi6RL0iTpkfQkXSJ0RWiK0BOhF6Fro0dzo7fRb3RF0I2gGUEvgj6Crqf7NJ/e0z9dQEAXCGgCAT0goAcCuqp6qzqr+qr6Vb2Ieok6ifqI+kS92t62s+1r+22vmd6Zzpm+mf5ML7KXAYJ/qCIQ5P7yZ38DEjAYgPymtJABeuJrysSGN8jy06RJ6NCDRCutINr6OAM1DhTTiWReMmlpwL5ZfMeahA49SGilpajQ0kEJLyWLlEY90LBVsaNO3JiQup5MLOcSTXdoyaCFl8ChR5MaeFgVICYyaIs9qwmt4xYpDT3QsKqkSejQg4xWWooKLd2iaFGGRlgJbF5qiiONt5LwUrJIadQDDQTazWuiErIECj2nkIG0jfITWDp0yMGilUKhh5YMWngJHHo01MCTLcU+ZULM0IFmOjWlOK0bABpmbAoLsLUNZNSSElYO2QWtAJoApABhH8JemE0ze2Z2Z/YzeyObRPaI7IrsRfakm9o97W67b/camyL2ROxG7CP24k2/53d//3tzE7mH3CX35B63wXbYBtuyDbZjG2xzG2xXVTFUFaWqGFVFVhWLqBiIikJUDKIiiYoVQjGEUJQQihFCkSEUa6YYZooyU4yZImeKJVIMIkURKYZIkSLFaouhLUpbjLbItlgRxRBRlIhiRBQZUawvhi/KF+OL/GKRxUAWA3/EL376n//+/7/5RP6QX/Inf9zT3s/ed+/f++3iVMWnireKX8VXxImIDxEvEZ+IjwKnEPiEwBsCPwS+MJxm+MzwzvBn+EY4ifAR4RXhi/BJObV8Wt6W3/I1OEXwieCN4EfwxZyez/M+//kmJ5IPyUvyST6O0zg+43jH8cfxjbWpak/VbtW+aq9oE9Eeol2iPdEehU0h7AlhNwRxq+Kr4hXFRBQPUVyieKJ4FGIKIZ4Q4oYQH0K8MDHNxDMTdyZ+Jt5ITCLxiMQViReJJ42pjaeN28a38RoxRcQTETciPiJeHNPH83E//uPNmMh4yLhkPBmPi2mxeBaLu1j8YvEW9VT1U/Wt+qt+RU9EP0Rfop/oR+EphJ8QviH8IfzCPM38zHxn/pnfyJPIj8hX5Bf5SZ/6037bv/01niJ+Ir4RASIvIk8qUytPK7eVb+U1ZIqQJ0JuhHyEvFiml+flvvzLmzKR8pBySXlSHifTZPJMJncy+cnkTapTVZ+q3qp+VV9RJ6I+RL1EfaI+Cp1C6BNCbwj9EPrCdJrpM9M705/pG+kk0kekV6Qv0ift1PZpe9t+29foFNEnojeiH9EXd/o+3/v975udyD5kL9kn+7hO6/qs613XX9e3VkxV8VQFgn+oIhDo+g7iZ4/NElAYYPgD6yVVXJKfnw4kVOKAH30WkF2ojYULiQd6yzgoISs3flw4pAEXJl70EqJDQjpCfFF5oiFFrvz8MKCJIV7ovGAKRsMM+fnpQEJTapTsUssUBkaP7ltDFBOkDuyTIYdjbmY5NV64eGs0Lgxc7ABq/gjRh6Vz2fjCxScDuJB4Qm8ZBxKyctOPC4cYKHr+KNEb6s0gdWBPSwdkYeDo7b5EYDHB1Mo+BDUfUI882khFGzX40WkAF4yOUvPjoYaETlryg6EETpWGA8NoutVSKk0YAwAAAGFiYyi1L/0EaOQTAKpOfAgSoKWgOdEjAPCzpcje3IH7hZsVjQCKAIgAMzMzM///LyIiIiISEREREVGOZokQKlVVVVVVbdu2LUmSJLlt27YREREREc3MzMzM/P+/iIiIiEhERERERDmaJUKgVFVVVVW1bdu2JEmS5LZt20ZERERENDMzMzPz//8iIiIiIhERERER5WjCwsLCwqqqqqqq2rZtW5IkSbLK0SwRVuWIZAAwECAgICIJRERENDMzMzPz//8iIiIiIhERERER5WiWCCGuqqqqqmrbtm1JkiTJbdu2jYiIiIhoZmZmZub//0VEREREIiIiIiLK0SwRQriqqqqqqm3btiVJkiS3bds2IiIiIqKZmZmZmf//FxERERGJiIiIiChHs0QIJVVVVVVVbdu2LUmSJLlt27YREREREc0E27YREREREc3MzMzM/P+/iIiIiEhERERERDmaJUKYq6qqqqratm1bkiRJctu2bSMiIiIimpmZmZn5/38RERERkYiIiIiIcjRLhPBVVVVVVW3bti1JkiS5bdu2ERERERHNzMzMzPz/v4iIiIhIREREREQ5miVCkKuqqqqq2rZtW5IkSXLbtm0jov//////////////////////////////////////////////////////////V1VVVVW1bdu2JEmS5LZt20ZERERENDMzMzPz//8iIiIiIhERERER5WiWCIGuqqqqqmrbtm1JkiTJbQuExagzoC+td8O/sGwHEzADA/+z0vmJk3o/oRkp67WNCcp6bWOCsl7bmKCs1zYmKOu1jQnKem1jgrJe25igrNc2Jijrta5rNTpjtDHaGG3cmJMAjf+xX6yLrlQAAIUJM4CYVAEABgEcAQCSSQYE4A/JEv////////////8DAAAAAAAAAAACgJlUAQAGAVQAACUTNIEyVAEABgFUAAAVEzSBMVQBAAYBVAAAlQk0gJlUAQAGATUBAOIJBwbwOWKNNQJU/////////////////////////weAmVQBAAYB1TqTzQ==",
    "base64",
  ),
);
const signal = new AbortController().signal;

async function readAll(source: ByteSource): Promise<string> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of source.chunks(signal)) all += decoder.decode(chunk, { stream: true });
  return all + decoder.decode();
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "",
    (error: unknown) => (error instanceof ProblemError ? error.problem.code : String(error)),
  );

describe("what is inside", () => {
  test("nothing around it: the source itself", async () => {
    const source = memorySource(plain);
    expect((await unwrap(source, 1e9)).source).toBe(source);
  });

  test("gzip", async () => {
    const { source, layers, damage } = await unwrap(memorySource(packed, 100), 1e9);
    expect(layers).toEqual(["gzip"]);
    expect(await readAll(source)).toBe(text);
    expect(new TextDecoder().decode(await source.read(5, 10))).toBe(text.slice(5, 15));
    expect(await readAll(source)).toBe(text);
    expect(damage()).toBeNull();
  });

  test("zstd, several frames", async () => {
    for (const bytes of [zstd, new Uint8Array([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0, ...zstd])]) {
      const { source, layers, damage } = await unwrap(memorySource(bytes, 100), 1e9);
      expect(layers).toEqual(["zstd"]);
      expect(await readAll(source)).toBe(text);
      expect(damage()).toBeNull();
    }
  });

  test("gzip in gzip", async () => {
    const { source, layers } = await unwrap(memorySource(new Uint8Array(gzipSync(packed))), 1e9);
    expect(layers).toEqual(["gzip", "gzip"]);
    expect(await readAll(source)).toBe(text);
  });

  test.each([
    ["utf-16le", [0xff, 0xfe, 0x61, 0, 0xe9, 0, 0x0a, 0]],
    ["utf-16be", [0xfe, 0xff, 0, 0x61, 0, 0xe9, 0, 0x0a]],
  ])("%s", async (name, bytes) => {
    const { source, layers } = await unwrap(memorySource(new Uint8Array(bytes), 3), 1e9);
    expect(layers).toEqual([name]);
    expect(await readAll(source)).toBe("aé\n");
  });

  test("a range of it for those who seek", async () => {
    const source = await seekable((await unwrap(memorySource(packed), 1e9)).source, signal, 1e9);
    expect(source.sizeBytes).toBe(plain.length);
    expect(new TextDecoder().decode(await source.read(plain.length - 5, 100))).toBe(text.slice(-5));
  });
});

describe("harm", () => {
  test("cut off: what could be unpacked, and why there is no more", async () => {
    const { source, damage } = await unwrap(memorySource(packed.subarray(0, packed.length >> 1)), 1e9);
    const read = await readAll(source);
    expect(read.length).toBeGreaterThan(100);
    expect(text.startsWith(read)).toBe(true);
    expect(damage()).not.toBeNull();
  });

  test("only the first bytes are gzip's", async () => {
    const { source, damage } = await unwrap(memorySource(new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3])), 1e9);
    expect(await readAll(source)).toBe("");
    expect(damage()).not.toBeNull();
  });

  test("a bomb", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(50 << 20)));
    const { source } = await unwrap(memorySource(bomb), 1 << 20);
    expect(await codeOf(readAll(source))).toBe("too-large");
    expect(await codeOf(seekable((await unwrap(memorySource(bomb), 1e9)).source, signal, 1 << 20))).toBe(
      "too-large",
    );
  });

  test("cancelled", async () => {
    const abort = new AbortController();
    const { source } = await unwrap(memorySource(packed, 100), 1e9);
    abort.abort();
    const read = async (): Promise<void> => {
      for await (const chunk of source.chunks(abort.signal)) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow("abort");
  });

  test.each([
    ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
    ["bzip2", [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26]],
  ])("%s is refused by name where nothing takes it off", async (_name, bytes) => {
    expect(await codeOf(unwrap(memorySource(new Uint8Array(bytes)), 1e9))).toBe("unsupported-compression");
  });

  test("zstd that is cut off", async () => {
    const { source, damage } = await unwrap(memorySource(zstd.subarray(0, zstd.length - 40), 64), 1e9);
    const read = await readAll(source);
    expect(text.startsWith(read)).toBe(true);
    expect(read.length).toBeGreaterThan(text.length / 3);
    expect(damage()).not.toBeNull();
  });
});
