/*
 * Truth: 200 threads named crowd-0 to crowd-199, all alive for the whole run, each burning the CPU for about 1 ms in
 * crowd_main > crowd_burn and then sleeping 300 ms. The main thread waits.
 * Prints "ready PID" when all of them run.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 200 };
static volatile unsigned long sink;

__attribute__((noinline)) void crowd_burn(void) {
  __asm__ volatile("" ::"r"(__builtin_frame_address(0)));
  unsigned long x = 1;
  for (int i = 0; i < 700000; i++) x = x * 6364136223846793005UL + 1;
  sink = x;
  __asm__ volatile("");
}

__attribute__((noinline)) void *crowd_main(void *unused) {
  (void)unused;
  struct timespec nap = {0, 300000000};
  for (;;) {
    crowd_burn();
    nanosleep(&nap, NULL);
  }
  return NULL;
}

int main(void) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 128 * 1024);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    char name[16];
    if (pthread_create(&threads[i], &small, crowd_main, NULL) != 0) return 1;
    snprintf(name, sizeof name, "crowd-%d", i);
    pthread_setname_np(threads[i], name);
  }
  printf("ready %d\n", getpid());
  fflush(stdout);
  for (;;) pause();
}
