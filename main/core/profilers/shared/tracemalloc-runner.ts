/**
 * Runs a script or a module under tracemalloc and writes a snapshot every so often, and at its end, as the importer
 * "tracemalloc" reads it. Arguments: seconds between snapshots, frames that are kept, folder, then the script, or -m and the module, and its own.
 * A snapshot is written under another name first: nobody reads half of one.
 */
export const tracemallocRunner = `
import atexit, json, os, runpy, sys, threading, tracemalloc
every, depth, folder = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
sys.argv = sys.argv[4:]
own = (tracemalloc.__file__, "<string>", threading.__file__, json.__file__)
lock, number, pid = threading.Lock(), [0], os.getpid()
def snapshot():
    if os.getpid() != pid: return
    with lock:
        traces = tracemalloc.take_snapshot()
        sums = {}
        for trace in traces.traces:
            key = tuple((frame.filename, frame.lineno) for frame in trace.traceback)
            if key[-1][0] in own: continue
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
tracemalloc.start(depth)
if sys.argv[0] == "-m":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")
`.trim();
