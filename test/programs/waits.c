/*
 * Threads that wait, for a given time (seconds, default: until killed), for known reasons:
 *
 *   holder   hold_main: holds main_lock for 6 ms, again and again
 *   waiter   wait_main (two of them): waits for main_lock, which holder has
 *   tiny     hold_small (two of them): hold small_lock for 0.5 ms each
 *   idler    idle_wait: waits on a condition variable for work that comes every 20 ms; no contention
 *   reader   read_slowly: reads a pipe into which writer puts a byte every 200 ms
 *   writer
 *
 * What it measured itself is said at the end, in ns: "truth NAME waits N wait NS" of each, and before that each wait by
 * itself: "waited NAME END NS", where END is on CLOCK_MONOTONIC.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

pthread_mutex_t main_lock = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t small_lock = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t idle_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t idle_cond = PTHREAD_COND_INITIALIZER;
static atomic_int over;
static int pipes[2];

#define MOST 16384
struct truth {
  const char *name;
  _Atomic long long waits, wait_ns;
  struct {
    long long end_ns, wait_ns;
  } each[MOST];
};
static struct truth of_main = {.name = "main_lock"}, of_small = {.name = "small_lock"};
static struct truth of_cond = {.name = "idle_cond"}, of_read = {.name = "read"};

static long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

__attribute__((noinline)) static void doze(long us) {
  struct timespec t = {us / 1000000, us % 1000000 * 1000};
  nanosleep(&t, NULL);
}

static void waited(struct truth *truth, long long from_ns) {
  long long end_ns = now_ns(), row = truth->waits++;
  truth->wait_ns += end_ns - from_ns;
  if (row >= MOST) return;
  truth->each[row].end_ns = end_ns;
  truth->each[row].wait_ns = end_ns - from_ns;
}

__attribute__((noinline)) static void take(pthread_mutex_t *lock, struct truth *truth) {
  if (pthread_mutex_trylock(lock) == 0) return;
  long long from_ns = now_ns();
  pthread_mutex_lock(lock);
  waited(truth, from_ns);
}

__attribute__((noinline)) static void hold_main(void) {
  take(&main_lock, &of_main);
  doze(6000);
  pthread_mutex_unlock(&main_lock);
  doze(2000);
}
__attribute__((noinline)) static void wait_main(void) {
  take(&main_lock, &of_main);
  pthread_mutex_unlock(&main_lock);
  doze(1000);
}
__attribute__((noinline)) static void hold_small(void) {
  take(&small_lock, &of_small);
  doze(500);
  pthread_mutex_unlock(&small_lock);
  doze(3000);
}
__attribute__((noinline)) static void idle_wait(void) {
  pthread_mutex_lock(&idle_mutex);
  long long from_ns = now_ns();
  pthread_cond_wait(&idle_cond, &idle_mutex);
  waited(&of_cond, from_ns);
  pthread_mutex_unlock(&idle_mutex);
}
__attribute__((noinline)) static void read_slowly(void) {
  char byte;
  long long from_ns = now_ns();
  if (read(pipes[0], &byte, 1) != 1) return;
  waited(&of_read, from_ns);
}

#define THREAD(name, body)                      \
  static void *name##_thread(void *unused) {    \
    (void)unused;                               \
    pthread_setname_np(pthread_self(), #name);  \
    while (!over) {                             \
      body;                                     \
      __asm__ volatile("");                     \
    }                                           \
    return NULL;                                \
  }
THREAD(holder, hold_main())
THREAD(waiter, wait_main())
THREAD(tiny, hold_small())
THREAD(idler, idle_wait())
THREAD(reader, read_slowly())

static void tell(const struct truth *truth) {
  for (long long row = 0; row < truth->waits && row < MOST; row++)
    printf("waited %s %lld %lld\n", truth->name, truth->each[row].end_ns, truth->each[row].wait_ns);
  printf("truth %s waits %lld wait %lld\n", truth->name, truth->waits, truth->wait_ns);
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? atof(argv[1]) : 1e9;
  pthread_t threads[7];
  if (pipe(pipes) != 0) return 1;
  void *(*const bodies[])(void *) = {holder_thread, waiter_thread, waiter_thread, tiny_thread,
                                     tiny_thread,   idler_thread,  reader_thread};
  for (int i = 0; i < 7; i++) pthread_create(&threads[i], NULL, bodies[i], NULL);
  printf("ready %d\n", getpid());
  fflush(stdout);
  long long end_ns = now_ns() + (long long)(seconds * 1e9);
  for (int tick = 1; now_ns() < end_ns; tick++) {
    doze(20000);
    pthread_mutex_lock(&idle_mutex);
    pthread_cond_signal(&idle_cond);
    pthread_mutex_unlock(&idle_mutex);
    if (tick % 10 == 0 && write(pipes[1], "x", 1) != 1) return 1;
  }
  over = 1;
  pthread_mutex_lock(&idle_mutex);
  pthread_cond_signal(&idle_cond);
  pthread_mutex_unlock(&idle_mutex);
  if (write(pipes[1], "x", 1) != 1) return 1;
  for (int i = 0; i < 7; i++) pthread_join(threads[i], NULL);
  tell(&of_main);
  tell(&of_small);
  tell(&of_cond);
  tell(&of_read);
  return 0;
}
