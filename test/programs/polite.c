/*
 * Truth: burns one CPU in main until SIGTERM; then it prints "told to end" and ends with exit code 3.
 * Prints "ready PID".
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t told;
static volatile unsigned long sink;

static void on_term(int signal) {
  (void)signal;
  told = 1;
}

int main(void) {
  signal(SIGTERM, on_term);
  printf("ready %d\n", getpid());
  fflush(stdout);
  unsigned long x = 1;
  while (!told) x = x * 6364136223846793005UL + 1;
  sink = x;
  printf("told to end\n");
  fflush(stdout);
  return 3;
}
