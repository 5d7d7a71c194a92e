/**
 * austin judges the process that it is given by the program that it is in that moment: that of the shell that holds a
 * launch (native-scripts/hold-and-exec.sh), or of a script that finds the interpreter, is none of Python's for it, now and
 * then for good. This becomes austin once the process is no shell any more, or after three seconds.
 *
 * Run as `/bin/sh -c (this) PID COMMAND...`. native-scripts/flamewright-elevate has the same text: what runs as root is
 * there, and not handed over.
 */
export const onceAProgram = `tries=300
while [ "$tries" -gt 0 ]; do
  case $(readlink "/proc/$0/exe") in
    */sh | */dash | */bash | */zsh | */ksh* | */busybox | */env) ;;
    *) break ;;
  esac
  tries=$((tries - 1))
  sleep 0.01
done
exec "$@"
`;
