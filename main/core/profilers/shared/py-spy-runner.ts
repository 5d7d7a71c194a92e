import { pieceRunner } from "./piece-runner.ts";

/**
 * py-spy writes what it sampled when it ends. This runs it again and again and gives out a line of JSON for each run,
 * as the importer "py-spy-pieces" reads them. In Python, which is there where py-spy is.
 *
 * Nothing overlaps, since no moment may count twice and py-spy's samples carry no times to cut them by. Between two
 * runs lies the start of py-spy: 10 to 25 ms as measured (40 to 60 ms with native stacks), 1 % of two seconds.
 *
 * Its patience: for how long to try to attach.
 */
export const pySpyRunner = `${pieceRunner}# Of a program that only just starts, and child processes with it, py-spy does not wait for the interpreter.
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
        holders = '"gil":true,' if "--gil" in words else ""
        sys.stdout.write('{"beganNs":%d,"endedNs":%d,%s"profile":%s}\\n' % (began, ended, holders, profile))
        sys.stdout.flush()
        sys.stderr.flush()
        pieces += 1
        if not target_runs():
            break
`;
