/*
 * Truth: argv[1] threads, each in work_thread > work_step for as many steps as argv[2] says, once a byte has come on stdin.
 * Then prints "took NS": CPU time of the process meanwhile. Prints "ready PID" when the threads are there.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile unsigned long sink;
static long steps;
static pthread_barrier_t begin;

__attribute__((noinline)) void work_step(void) {
  unsigned long x = sink;
  for (int i = 0; i < 100000; i++) x = x * 6364136223846793005UL + 1;
  sink = x;
  __asm__ volatile("");
}

__attribute__((noinline)) void *work_thread(void *unused) {
  (void)unused;
  pthread_barrier_wait(&begin);
  for (long i = 0; i < steps; i++) work_step();
  return NULL;
}

static long used_ns(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000L +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000L;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  steps = argc > 2 ? atol(argv[2]) : 1000;
  pthread_t all[256];
  if (threads < 1 || threads > 256) return 2;
  pthread_barrier_init(&begin, NULL, (unsigned)threads + 1);
  for (int i = 0; i < threads; i++)
    if (pthread_create(&all[i], NULL, work_thread, NULL) != 0) return 1;
  printf("ready %d\n", getpid());
  fflush(stdout);
  char byte;
  if (read(0, &byte, 1) != 1) return 0;
  long before = used_ns();
  pthread_barrier_wait(&begin);
  for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
  printf("took %ld\n", used_ns() - before);
  return 0;
}
