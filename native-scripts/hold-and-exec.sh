#!/bin/sh
# Stops itself, so that a profiler can attach to its pid, and becomes the command once it is continued.
# Usage: hold-and-exec.sh COMMAND [ARGUMENT]...
kill -STOP $$
exec "$@"
