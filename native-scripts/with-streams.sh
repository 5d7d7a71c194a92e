#!/bin/sh
# Runs a command whose input, output and error are FIFOs, so that its terminal is left for prompts alone. They are
# opened here, as the user, never by what the command may become. Echo is off whatever is typed, and when.
# This shell stays, and keeps the terminal open: once nobody has it open, it hangs up.
# Usage: with-streams.sh FOLDER COMMAND [ARGUMENT]...
folder=$1
shift
stty -echo
"$@" <"$folder/control" >"$folder/data" 2>"$folder/words"
