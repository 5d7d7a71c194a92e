"""Truth: every round leak_here keeps one bytearray of 1000 bytes (1057 with its header), and churn makes 50 that go again.

Usage: leak.py ROUNDS PAUSE_MS   (ROUNDS 0: until it is ended). Prints "ready PID".
"""
import os
import sys
import time

kept = []


def leak_here():
    kept.append(bytearray(1000))


def churn():
    for _ in range(50):
        bytearray(1000)


def one_round():
    leak_here()
    churn()


rounds, pause_s = int(sys.argv[1]), float(sys.argv[2]) / 1000
print("ready", os.getpid(), flush=True)
done = 0
while rounds == 0 or done < rounds:
    one_round()
    done += 1
    time.sleep(pause_s)
