/*
 * Truth: every round leak_here keeps one block of 1000 bytes that nothing points to, and churn allocates and frees 200
 * blocks of 128 bytes. keep holds 64 blocks of 1 KiB until the end. In the middle of the rounds (of none: after the first)
 * tall_peak holds 8 MiB for a moment: the peak is 8 MiB, what is kept, and the leak until then.
 *
 * Usage: leak ROUNDS PAUSE_MS   (ROUNDS 0: until it is ended). Prints "ready PID", and at its end what it leaked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static void *volatile kept[64];
static volatile unsigned char sink;

static void *filled(void *block, size_t size) {
  memset(block, 1, size);
  sink += ((unsigned char *)block)[size / 2];
  return block;
}

NOINLINE void leak_here(void) { filled(malloc(1000), 1000); }

NOINLINE void churn(void) {
  for (int i = 0; i < 200; i++) free(filled(malloc(128), 128));
}

NOINLINE void keep(void) {
  for (int i = 0; i < 64; i++) kept[i] = filled(malloc(1024), 1024);
}

NOINLINE void tall_peak(void) { free(filled(malloc(8 << 20), 8 << 20)); }

NOINLINE void one_round(void) {
  leak_here();
  churn();
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 1000;
  long pause_ms = argc > 2 ? atol(argv[2]) : 0;
  struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
  printf("ready %d\n", (int)getpid());
  fflush(stdout);
  keep();
  for (long i = 0; rounds == 0 || i < rounds; i++) {
    one_round();
    if (i == rounds / 2) tall_peak();
    if (pause_ms > 0) nanosleep(&pause, NULL);
  }
  printf("leaked %ld bytes in %ld blocks\n", rounds * 1000, rounds);
  return 0;
}
