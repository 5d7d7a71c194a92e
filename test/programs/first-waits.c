/*
 * A thread waits for first_lock ten times, from the program's first moment on, while main holds it for 5 ms each. Each time
 * it sleeps: main waits until the lock says that somebody does.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

pthread_mutex_t first_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int held, taken;

static void doze(long us) {
  struct timespec t = {us / 1000000, us % 1000000 * 1000};
  nanosleep(&t, NULL);
}

__attribute__((noinline)) static void *want_first(void *none) {
  for (int turn = 1; turn <= 10; turn++) {
    while (held < turn) sched_yield();
    pthread_mutex_lock(&first_lock);
    pthread_mutex_unlock(&first_lock);
    taken = turn;
  }
  return none;
}

__attribute__((noinline)) static void hold_first(int turn) {
  pthread_mutex_lock(&first_lock);
  held = turn;
  while (__atomic_load_n(&first_lock.__data.__lock, __ATOMIC_RELAXED) != 2) sched_yield();
  doze(5000);
  pthread_mutex_unlock(&first_lock);
  while (taken < turn) sched_yield();
}

int main(void) {
  pthread_t waiter;
  pthread_create(&waiter, NULL, want_first, NULL);
  for (int turn = 1; turn <= 10; turn++) hold_first(turn);
  pthread_join(waiter, NULL);
  /* What is mapped where is read while it runs. */
  doze(500000);
  return 0;
}
