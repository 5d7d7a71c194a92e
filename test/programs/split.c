/*
 * Truth: of its CPU time burn_a takes 60 %, burn_b 30 %, burn_c 10 %, in every thread alike.
 * Call chain: main > worker > { phase_ab > { burn_a, burn_b }, phase_c > burn_c }; threads other than the first
 * have thread_main in place of main.
 * A round of the three takes 40 to 80 ms, many times a sampler's period: a few hundred samples are no matter of chance.
 * Usage: split [SECONDS (0: for ever)] [THREADS]. Prints "ready PID".
 *
 * Variants: "split" keeps every frame pointer, also in leaf functions (whose caller a frame-pointer walk would miss
 * otherwise: hence the use of __builtin_frame_address); "split-dwarf" has none at all.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifdef WITHOUT_FRAME_POINTERS
#define KEEP_FRAME ((void)0)
#else
#define KEEP_FRAME __asm__ volatile("" ::"r"(__builtin_frame_address(0)))
#endif
#define NO_TAIL_CALL __asm__ volatile("")

static volatile unsigned long sink;
static double end_at;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

#define BURN(name)                                               \
  __attribute__((noinline)) void name(long rounds) {             \
    KEEP_FRAME;                                                  \
    unsigned long x = rounds;                                    \
    for (long i = 0; i < rounds; i++) {                          \
      x = x * 6364136223846793005UL + 1442695040888963407UL;     \
      x ^= x >> 29;                                              \
    }                                                            \
    sink = x;                                                    \
    NO_TAIL_CALL;                                                \
  }
BURN(burn_a)
BURN(burn_b)
BURN(burn_c)

__attribute__((noinline)) void phase_ab(void) {
  burn_a(24000000);
  burn_b(12000000);
  NO_TAIL_CALL;
}

__attribute__((noinline)) void phase_c(void) {
  burn_c(4000000);
  NO_TAIL_CALL;
}

__attribute__((noinline)) void worker(void) {
  while (end_at == 0 || now() < end_at) {
    phase_ab();
    phase_c();
  }
  NO_TAIL_CALL;
}

static void *thread_main(void *unused) {
  (void)unused;
  worker();
  NO_TAIL_CALL;
  return NULL;
}

int main(int count, char **words) {
  double seconds = count > 1 ? atof(words[1]) : 0;
  int threads = count > 2 ? atoi(words[2]) : 1;
  end_at = seconds == 0 ? 0 : now() + seconds;
  pthread_t others[64];
  for (int i = 1; i < threads && i < 64; i++) {
    char name[16];
    pthread_create(&others[i], NULL, thread_main, NULL);
    snprintf(name, sizeof name, "split-%d", i);
    pthread_setname_np(others[i], name);
  }
  printf("ready %d\n", getpid());
  fflush(stdout);
  worker();
  for (int i = 1; i < threads && i < 64; i++) pthread_join(others[i], NULL);
  return 0;
}
