/*
 * Truth: uses no CPU at all; one thread, asleep in pause(). Ends with SIGTERM, by the signal's default.
 * Prints "ready PID".
 */
#include <stdio.h>
#include <unistd.h>

int main(void) {
  printf("ready %d\n", getpid());
  fflush(stdout);
  for (;;) pause();
}
