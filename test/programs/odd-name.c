/*
 * Truth: its comm is "odd) S 1 (", a newline and "name": as awkward as /proc/PID/stat allows; it waits.
 * Prints "ready PID".
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void) {
  prctl(PR_SET_NAME, "odd) S 1 (\nname");
  printf("ready %d\n", getpid());
  fflush(stdout);
  for (;;) pause();
}
