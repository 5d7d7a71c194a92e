/**
 * Runs a script or a module under tracemalloc and writes a snapshot every so often, and at its end, as the importer
 * "tracemalloc" reads it. Arguments: seconds between snapshots, folder, then the script, or -m and the module, and its own.
 * A snapshot is written under another name first: nobody reads half of one.
 */
export const tracemallocRunner = `
import atexit, json, os, runpy, sys, threading, tracemalloc
every, folder = float(sys.argv[1]), sys.argv[2]
sys.argv = sys.argv[3:]
lock, number, pid = threading.Lock(), [0], os.getpid()
def snapshot():
    if os.getpid() != pid: return
    with lock:
        traces = tracemalloc.take_snapshot().filter_traces([
            tracemalloc.Filter(False, tracemalloc.__file__), tracemalloc.Filter(False, "<string>")])
        sums = {}
        for trace in traces.traces:
            key = tuple((frame.filename, frame.lineno) for frame in trace.traceback)
            size, count = sums.get(key, (0, 0))
            sums[key] = (size + trace.size, count + 1)
        path = "%s/%06d.tracemalloc" % (folder, number[0])
        number[0] += 1
        with open(path + ".part", "w") as out:
            current, peak = tracemalloc.get_traced_memory()
            out.write("flamewright-tracemalloc 1\\n")
            out.write(json.dumps({"traced": current, "peak": peak}) + "\\n")
            for frames, (size, count) in sums.items():
                out.write(json.dumps([size, count, frames]) + "\\n")
        os.rename(path + ".part", path)
        del traces, sums
stopped = threading.Event()
def again():
    while not stopped.wait(every): snapshot()
def end():
    stopped.set()
    snapshot()
atexit.register(end)
threading.Thread(target=again, daemon=True).start()
if sys.argv[0] == "-m":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")
`.trim();
