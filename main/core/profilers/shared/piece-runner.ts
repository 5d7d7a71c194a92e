/**
 * How the runners of tools begin that write what they sampled when they end, and so are run again and again. In Python.
 *
 * Arguments: the number of short pieces, their length and that of the others in seconds, the patience in seconds (for
 * what is each runner's affair), the pid, and the tool's own words. SIGINT ends the piece that runs, and then all.
 *
 * native-scripts/flamewright-elevate has the same text: what runs as root is there, and not handed over.
 */
export const pieceRunner = `import gzip, json, os, signal, subprocess, sys, tempfile, time
short_pieces, short, span, patience, pid = [int(word) for word in sys.argv[1:6]]
words = sys.argv[6:]
stopped = False
running = None
def stop(*_):
    global stopped
    stopped = True
    if running is not None:
        running.send_signal(signal.SIGINT)
signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
def target_runs():
    try:
        with open("/proc/%d/stat" % pid) as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
`;

/** So many of a runner's arguments come before the tool's words; the last of them is the pid. */
export const runnerNumbers = 5;
