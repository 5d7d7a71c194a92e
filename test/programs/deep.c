/*
 * Truth: burns one CPU in deep_leaf, called through 2,000 frames of descend, called by main. A frame of descend takes
 * less than 64 bytes of stack.
 * Prints "ready PID".
 */
#include <stdio.h>
#include <unistd.h>

enum { DEPTH = 2000 };
static volatile unsigned long sink;

__attribute__((noinline)) void deep_leaf(void) {
  __asm__ volatile("" ::"r"(__builtin_frame_address(0)));
  unsigned long x = 1;
  for (int i = 0; i < 50000000; i++) x = x * 6364136223846793005UL + 1;
  sink = x;
  __asm__ volatile("");
}

__attribute__((noinline)) void descend(int left) {
  if (left > 1) descend(left - 1);
  else for (;;) deep_leaf();
  __asm__ volatile("");
}

int main(void) {
  printf("ready %d\n", getpid());
  fflush(stdout);
  descend(DEPTH);
  return 0;
}
