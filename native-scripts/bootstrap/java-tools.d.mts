export function pathWithAsyncProfiler(path?: string): string;
