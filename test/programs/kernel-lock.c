/*
 * Two threads that want a lock of the kernel, for a given time (seconds): both map and unmap memory in churn, which
 * takes the lock of the process's address space each time.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES (4 << 20)
static atomic_int over;

__attribute__((noinline)) static void churn(void) {
  char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) exit(1);
  munmap(memory, BYTES);
}

static void *churns(void *unused) {
  (void)unused;
  while (!over) churn();
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, churns, NULL);
  printf("ready %d\n", getpid());
  fflush(stdout);
  usleep((useconds_t)((argc > 1 ? atof(argv[1]) : 1000) * 1e6));
  over = 1;
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return 0;
}
