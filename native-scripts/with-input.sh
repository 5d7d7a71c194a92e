#!/bin/sh
# Becomes a command that reads from a FIFO; waits until somebody writes to it.
# Usage: with-input.sh FIFO COMMAND [ARGUMENT]...
fifo=$1
shift
exec "$@" <"$fifo"
