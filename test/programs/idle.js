/*
 * Truth: a Node process that does nothing at all. Ends with SIGTERM.
 * Prints "ready PID".
 */
setInterval(() => undefined, 1 << 30);
process.stdout.write(`ready ${process.pid}\n`);
