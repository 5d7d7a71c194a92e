"""Threads that wait for each other in Python, until they are told to end (SIGTERM):

  gil    keep_gil: holds the interpreter's lock for 12 of every 16 ms, in C
         want_gil (two threads): wants it back after each millisecond without it
  lock   hold_ledger: holds a threading.Lock for 6 of every 8 ms
         want_ledger (two threads): waits for that lock
         await_work: waits in a queue.Queue for what hand_out puts there every 20 ms; no contention

Usage: python-waits.py gil|lock [LIBRARY], where LIBRARY is keep-gil.c. At its end it says each wait that it has measured
itself: "waited NAME END NS", where END is on CLOCK_MONOTONIC.
"""
import ctypes
import os
import queue
import signal
import sys
import threading
import time

what = sys.argv[1]
over = False
waits = []
ledger = threading.Lock()
work = queue.Queue()


def end(*_):
    global over
    over = True


def keep_gil(rest_with_gil, rest_without):
    while not over:
        rest_with_gil(12000)
        rest_without(4000)


def want_gil(rest_without):
    while not over:
        wanted = rest_without(1000)
        had = time.monotonic_ns()
        waits.append(("GIL", had, had - wanted))


def take(name):
    if ledger.acquire(blocking=False):
        return
    wanted = time.monotonic_ns()
    ledger.acquire()
    had = time.monotonic_ns()
    waits.append((name, had, had - wanted))


def hold_ledger():
    while not over:
        take("ledger")
        time.sleep(0.006)
        ledger.release()
        time.sleep(0.002)


def want_ledger():
    while not over:
        take("ledger")
        ledger.release()
        time.sleep(0.001)


def hand_out():
    while not over:
        time.sleep(0.02)
        work.put(1)
    work.put(None)


def await_work():
    while work.get() is not None:
        pass


if what == "gil":
    library = sys.argv[2]
    with_gil = ctypes.PyDLL(library).rest
    without = ctypes.CDLL(library).rest
    for function in (with_gil, without):
        function.argtypes = [ctypes.c_long]
        function.restype = ctypes.c_longlong
    roles = [(keep_gil, with_gil, without), (want_gil, without), (want_gil, without)]
else:
    roles = [(hold_ledger,), (want_ledger,), (want_ledger,), (hand_out,), (await_work,)]
signal.signal(signal.SIGTERM, end)
threads = [threading.Thread(target=role[0], args=role[1:], name=role[0].__name__) for role in roles]
print("ready", os.getpid(), flush=True)
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for name, end, wait in waits:
    print("waited", name, end, wait)
