/*
 * Truth: burns one CPU in main > burn for the given seconds, prints "bye", and ends with exit code 7: in the middle of
 * a recording that was meant to be longer.
 * Usage: brief [SECONDS]. Prints "ready PID" first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long sink;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

__attribute__((noinline)) void burn(double seconds) {
  double end = now() + seconds;
  unsigned long x = 1;
  while (now() < end)
    for (int i = 0; i < 100000; i++) x = x * 6364136223846793005UL + 1;
  sink = x;
  __asm__ volatile("");
}

int main(int count, char **words) {
  printf("ready %d\n", getpid());
  fflush(stdout);
  burn(count > 1 ? atof(words[1]) : 1);
  printf("bye\n");
  fflush(stdout);
  return 7;
}
