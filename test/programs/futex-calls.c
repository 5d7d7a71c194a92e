/*
 * A fixed number of calls of futex, once a line has come on stdin; then it says "took NS", its CPU time meanwhile, and how many
 * calls a second of it that was.
 *
 *   calls N     two threads wake nobody, N times each: about a million calls a second and thread, and no sleep
 *   handoff N   two threads hand a turn to each other, N times: one sleeps while the other has it
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_int turn, word;
static long most;

static long long used_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *wake_nobody(void *unused) {
  for (long i = 0; i < most; i++) syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  return unused;
}

static void *hand_over(void *own) {
  int me = own != NULL;
  for (long i = 0; i < most; i++) {
    while (turn != me) syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, 1 - me, NULL, NULL, 0);
    turn = 1 - me;
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  most = atol(argv[2]);
  int hands = strcmp(argv[1], "handoff") == 0;
  pthread_t threads[2];
  puts("ready");
  fflush(stdout);
  if (getchar() == EOF && !feof(stdin)) return 1;
  long long before_ns = used_ns();
  for (long i = 0; i < 2; i++)
    pthread_create(&threads[i], NULL, hands ? hand_over : wake_nobody, i == 0 ? NULL : &most);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  long long took_ns = used_ns() - before_ns;
  printf("took %lld, %.0f calls a second of CPU\n", took_ns, (hands ? 4 : 2) * most * 1e9 / took_ns);
  return 0;
}
