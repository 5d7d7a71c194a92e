/* Two threads that wait for each other for ever: "left" holds lock_a and wants lock_b, "right" the other way round. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both_hold;

__attribute__((noinline)) static void take_both(pthread_mutex_t *first, pthread_mutex_t *second) {
  pthread_mutex_lock(first);
  pthread_barrier_wait(&both_hold);
  /* The recording may begin now: what waits before is not seen to begin. */
  usleep(700000);
  pthread_mutex_lock(second);
}

static void *left_thread(void *unused) {
  pthread_setname_np(pthread_self(), "left");
  take_both(&lock_a, &lock_b);
  return unused;
}
static void *right_thread(void *unused) {
  pthread_setname_np(pthread_self(), "right");
  take_both(&lock_b, &lock_a);
  return unused;
}

int main(void) {
  pthread_t left, right;
  pthread_barrier_init(&both_hold, NULL, 2);
  pthread_create(&left, NULL, left_thread, NULL);
  pthread_create(&right, NULL, right_thread, NULL);
  printf("ready %d\n", getpid());
  fflush(stdout);
  pthread_join(left, NULL);
  return 0;
}
