#!/bin/sh
# Reads a FIFO until its last writer is gone, and passes on what comes for as long as somebody takes it: a program that
# writes to a pipe without a reader is ended by SIGPIPE. Usage: keep-reading.sh FIFO OUTPUT-FIFO
exec tee -p "$2" <"$1" >/dev/null
