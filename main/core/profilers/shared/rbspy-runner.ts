import { pieceRunner } from "./piece-runner.ts";

/**
 * Runs rbspy again and again, as the recorder does by itself where it is not root, and frames what each run gives as the
 * importer "chunks" reads it (../../importers/shared/chunks-format.ts). In Python, for the folder that only root can open.
 *
 * Its patience: how much longer than twice its length a piece may take.
 */
export const rbspyRunner = `${pieceRunner}def give(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
def line(value):
    return json.dumps(value).encode() + b"\\n"
origin = time.monotonic_ns()
give(b"flamewright-chunks " + line({"version": 1, "startedAtMs": time.time_ns() // 1000000}))
pieces = 0
with tempfile.TemporaryDirectory(prefix="flamewright-rbspy-") as folder:
    raw = os.path.join(folder, "piece.raw.gz")
    while not stopped:
        seconds = min(short, span) if pieces < short_pieces else span
        began = time.monotonic_ns() - origin
        # It insists on a second file; this one is short. A signal for the group and ours besides would end it unsaved.
        running = subprocess.Popen(words + ["--duration", str(seconds), "--raw-file", raw,
            "--file", os.path.join(folder, "piece.txt")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
        if stopped:
            running.send_signal(signal.SIGINT)
        try:
            code = running.wait(2 * seconds + patience)
        except subprocess.TimeoutExpired:
            running.kill()
            code = running.wait()
        running = None
        ended = time.monotonic_ns() - origin
        if code != 0 or not os.path.exists(raw):
            if stopped or (pieces > 0 and not target_runs()):
                break
            sys.exit(1)
        with gzip.open(raw) as file:
            data = file.read()
        os.unlink(raw)
        # A program that took long to start or to write did not sample all that time.
        began = max(began, ended - seconds * 1000000000)
        give(line({"importer": "rbspy", "index": pieces, "startNs": began, "endNs": ended, "bytes": len(data)}) + data)
        pieces += 1
        if not target_runs():
            break
`;
