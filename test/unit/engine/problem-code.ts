import { toProblem } from "#core/base/result.ts";

/** The code of the Problem that the work is refused with; "" when it is not refused. */
export async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === "function" ? work() : work);
    return "";
  } catch (error) {
    const { code, message, fix } = toProblem(error);
    if (message === "" || fix === "") throw new Error(`${code} has no words`);
    return code;
  }
}
