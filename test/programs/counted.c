/*
 * Truth, in instructions: burn_a takes 60 %, burn_b 30 %, burn_c 10 % of the loop's; each is called ROUNDS times by
 * phase_ab or phase_c, and those ROUNDS times by work. Call chain: main > work > { phase_ab > { burn_a, burn_b }, phase_c > burn_c }.
 * For profilers that count: the work is fixed, so that it ends soon even when it runs fifty times slower.
 * Usage: counted [ROUNDS (0: for ever)] [SCALE]. Prints "ready PID" and "done".
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile unsigned long sink;
static long scale = 1000;

#define BURN(name)                                           \
  __attribute__((noinline)) void name(long rounds) {         \
    unsigned long x = rounds;                                \
    for (long i = 0; i < rounds; i++) {                      \
      x = x * 6364136223846793005UL + 1442695040888963407UL; \
      x ^= x >> 29;                                          \
    }                                                        \
    sink = x;                                                \
  }
BURN(burn_a)
BURN(burn_b)
BURN(burn_c)

__attribute__((noinline)) void phase_ab(void) {
  burn_a(60 * scale);
  burn_b(30 * scale);
  __asm__ volatile("");
}

__attribute__((noinline)) void phase_c(void) {
  burn_c(10 * scale);
  __asm__ volatile("");
}

__attribute__((noinline)) void work(long rounds) {
  for (long i = 0; rounds == 0 || i < rounds; i++) {
    phase_ab();
    phase_c();
  }
  __asm__ volatile("");
}

int main(int count, char **words) {
  long rounds = count > 1 ? atol(words[1]) : 100;
  if (count > 2) scale = atol(words[2]);
  printf("ready %d\n", getpid());
  fflush(stdout);
  work(rounds);
  printf("done\n");
  return 0;
}
