/** PATH with the profilers of Python in front. */
export function pathWithPythonTools(): string;
/** What PYTHONPATH has to say for memray and memory_profiler. */
export function pythonMemoryFolder(): string;
