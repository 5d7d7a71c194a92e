/** PATH with the profilers of Python in front. */
export function pathWithPythonTools(): string;
