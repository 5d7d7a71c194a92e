"""
Truth: of the CPU time of each splitting thread burn_a takes 60 %, burn_b 30 %, burn_c 10 %.
A round of the three takes 50 to 110 ms, many times a sampler's period: so that a few hundred samples are no matter of chance.
Call chain: <module> > main > worker > { phase_ab > { burn_a, burn_b }, phase_c > burn_c }; in other threads than the first
thread_main stands in place of <module> > main, under what the threading module calls.
The thread "sleeper" never works. With --hasher the thread "hasher" works all the time and holds the GIL for under 1 % of
it. Splitting threads take turns with the GIL: of N, each has 1/N of the CPU time of one core. Of two that sample only who
holds it, both see every split thread alike and the hasher hardly at all.
Usage: python-split.py [SECONDS (0: for ever)] [THREADS] [--hasher] [--worker (a child process that does the same)]
Prints "ready PID", and "worker PID" before it where there is one. Ends with code 7 when its time is over.
For CPython 3.6 and later, without any package.
"""
import hashlib
import os
import subprocess
import sys
import threading
import time

MASK = (1 << 61) - 1
words = [word for word in sys.argv[1:] if not word.startswith("--")]
seconds = float(words[0]) if words else 0
thread_count = int(words[1]) if len(words) > 1 else 1
end_at = time.monotonic() + seconds if seconds else float("inf")


def burn_a(rounds):
    x = rounds
    for _ in range(rounds):
        x = (x * 48271 + 11) % MASK  # line of burn_a
    return x


def burn_b(rounds):
    x = rounds
    for _ in range(rounds):
        x = (x * 48271 + 11) % MASK  # line of burn_b
    return x


def burn_c(rounds):
    x = rounds
    for _ in range(rounds):
        x = (x * 48271 + 11) % MASK  # line of burn_c
    return x


def phase_ab():
    burn_a(360000)  # line of phase_ab to burn_a
    burn_b(180000)  # line of phase_ab to burn_b


def phase_c():
    burn_c(60000)  # line of phase_c


def worker():
    while time.monotonic() < end_at:
        phase_ab()  # line of worker to phase_ab
        phase_c()  # line of worker to phase_c


def thread_main():
    worker()  # line of thread_main


def sleep_for_ever():
    threading.Event().wait()


def hash_for_ever():
    while True:
        hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 400000)  # line of hash_for_ever


def start(name, target):
    threading.Thread(name=name, target=target, daemon=True).start()


def main():
    worker()  # line of main


if __name__ == "__main__":
    start("sleeper", sleep_for_ever)
    for index in range(1, thread_count):
        start("split-%d" % index, thread_main)
    if "--hasher" in sys.argv:
        start("hasher", hash_for_ever)
    if "--worker" in sys.argv:
        child = subprocess.Popen([sys.executable, __file__, str(seconds)], stdout=subprocess.PIPE)
        child.stdout.readline()
        print("worker %d" % child.pid)
    print("ready %d" % os.getpid())
    sys.stdout.flush()
    main()  # line of <module>
    sys.exit(7)
