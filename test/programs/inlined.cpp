/*
 * Truth: of its CPU time work::burn_a takes 60 %, work::burn_b 30 %, work::burn_c 10 %, and all three are inlined.
 * Call chain: main > work::round > { work::phase_ab (inlined) > { burn_a, burn_b } (inlined), work::phase_c > burn_c
 * (inlined) }.
 * A round takes 40 to 80 ms, as that of split.c.
 * Usage: inlined [SECONDS of CPU time (0: for ever)]. Prints "ready PID".
 */
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <unistd.h>

static volatile unsigned long sink;

#define INLINED __attribute__((always_inline)) inline
#define NO_TAIL_CALL __asm__ volatile("")

namespace work {

template <long Rounds>
INLINED unsigned long turn(unsigned long x) {
  for (long i = 0; i < Rounds; i++) {
    x = x * 6364136223846793005UL + 1442695040888963407UL;
    x ^= x >> 29;
  }
  return x;
}

INLINED void burn_a() { sink = turn<24000000>(sink); }
INLINED void burn_b() { sink = turn<12000000>(sink); }
INLINED void burn_c() { sink = turn<4000000>(sink); }

INLINED void phase_ab() {
  burn_a();
  burn_b();
}

__attribute__((noinline)) void phase_c() {
  burn_c();
  NO_TAIL_CALL;
}

__attribute__((noinline)) void round() {
  phase_ab();
  phase_c();
  NO_TAIL_CALL;
}

}  // namespace work

int main(int count, char **words) {
  double seconds = count > 1 ? std::atof(words[1]) : 0;
  std::printf("ready %d\n", getpid());
  std::fflush(stdout);
  while (seconds == 0 || std::clock() < seconds * CLOCKS_PER_SEC) work::round();
}
