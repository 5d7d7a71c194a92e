/**
 * py-spy writes what it sampled when it ends. This runs it again and again and gives out a line of JSON for each run,
 * as the importer "py-spy-pieces" reads them. In Python, which is there where py-spy is.
 *
 * Nothing overlaps, since no moment may count twice and py-spy's samples carry no times to cut them by. Between two
 * runs lies the start of py-spy: 10 to 25 ms as measured (40 to 60 ms with native stacks), 1 % of two seconds.
 *
 * Arguments: the number of short pieces, their length and that of the others in seconds, for how long to try to attach,
 * the pid, and py-spy's own words. SIGINT ends the piece that runs, and then all.
 *
 * native-scripts/flamewright-elevate has the same text: what runs as root is there, and not handed over.
 */
export const pySpyRunner = `import json, os, signal, subprocess, sys, tempfile, time
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
# Of a program that only just starts, and child processes with it, py-spy does not wait for the interpreter.
started = time.monotonic()
while not stopped and target_runs() and time.monotonic() - started < patience:
    tried = subprocess.run([words[0], "dump", "--pid", str(pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if tried.returncode == 0:
        break
pieces = 0
with tempfile.TemporaryDirectory(prefix="flamewright-py-spy-") as folder:
    output = os.path.join(folder, "piece.json")
    while not stopped:
        seconds = min(short, span) if pieces < short_pieces else span
        began = time.monotonic_ns()
        running = subprocess.Popen(words + ["--duration", str(seconds), "--output", output],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if stopped:
            running.send_signal(signal.SIGINT)
        said = running.communicate()[0].decode("utf-8", "replace")
        code = running.returncode
        running = None
        ended = time.monotonic_ns()
        late = [line for line in said.splitlines() if "behind in sampling" in line]
        failures = [line for line in said.splitlines() if "Errors: " in line and not line.rstrip().endswith("Errors: 0")]
        if code != 0:
            if stopped or (pieces > 0 and not target_runs()):
                break
            sys.stderr.write(said)
            sys.exit(1)
        for line in late[:1] + failures:
            sys.stderr.write(line + "\\n")
        with open(output, encoding="utf-8") as file:
            profile = file.read().strip().replace("\\n", " ")
        os.unlink(output)
        sys.stdout.write('{"beganNs":%d,"endedNs":%d,"profile":%s}\\n' % (began, ended, profile))
        sys.stdout.flush()
        sys.stderr.flush()
        pieces += 1
        if not target_runs():
            break
`;

/** So many of its arguments come before py-spy's words. */
export const pySpyNumbers = 5;
