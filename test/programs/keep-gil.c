/* Called by python-waits.py through ctypes: with the GIL (PyDLL) or without it (CDLL). Says when it was done, in ns. */
#include <time.h>

long long rest(long us) {
  struct timespec t = {us / 1000000, us % 1000000 * 1000};
  nanosleep(&t, 0);
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}
