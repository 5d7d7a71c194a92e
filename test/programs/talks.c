// talks ROUNDS PATH [WAIT_MS]: known I/O. In each round: a read of a pipe that blocks for 200 ms (in slow_read), 20 writes of
// 65,536 bytes to PATH (in write_data), 10 writes of 1,000 bytes to a local TCP peer (in talk), 10 opens that fail with ENOENT
// (in miss). Prints the peer's port, waits, works, and prints how long slow_read took in all, ns. ROUNDS 0: until it is ended.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// Not inlined, and with a frame of their own after the call.
#define PLACE __attribute__((noinline))
#define STAY __asm__ volatile("")

static int ping[2], pong[2];
static char data[65536];

static void rest(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void must(int is) {
  if (!is) abort();
}

// Answers 200 ms after it is asked.
static void *late(void *unused) {
  char byte;
  while (read(ping[0], &byte, 1) == 1) {
    rest(200);
    must(write(pong[1], &byte, 1) == 1);
  }
  return unused;
}

static void *listener(void *socket) {
  char taken[4096];
  int peer = accept(*(int *)socket, NULL, NULL);
  while (read(peer, taken, sizeof taken) > 0)
    ;
  return NULL;
}

PLACE static void slow_read(void) {
  char byte;
  must(read(pong[0], &byte, 1) == 1);
  STAY;
}

PLACE static void write_data(int file) {
  must(write(file, data, sizeof data) == sizeof data);
  STAY;
}

PLACE static void talk(int peer) {
  must(write(peer, data, 1000) == 1000);
  STAY;
}

PLACE static void miss(void) {
  must(open("/nowhere/at/all", O_RDONLY) == -1);
  STAY;
}

int main(int count, char **words) {
  long rounds = atol(words[1]);
  must(pipe(ping) == 0 && pipe(pong) == 0);
  int door = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof here;
  must(bind(door, (struct sockaddr *)&here, size) == 0 && listen(door, 1) == 0);
  must(getsockname(door, (struct sockaddr *)&here, &size) == 0);
  pthread_t threads[2];
  must(pthread_create(&threads[0], NULL, listener, &door) == 0);
  must(pthread_create(&threads[1], NULL, late, NULL) == 0);
  int peer = socket(AF_INET, SOCK_STREAM, 0);
  must(connect(peer, (struct sockaddr *)&here, sizeof here) == 0);
  int file = open(words[2], O_CREAT | O_TRUNC | O_WRONLY, 0600);
  must(file >= 0);
  printf("port %d\nready %d\n", ntohs(here.sin_port), getpid());
  fflush(stdout);
  rest(count > 3 ? atol(words[3]) : 0);
  long long waited = 0;
  for (long round = 0; rounds == 0 || round < rounds; round++) {
    must(write(ping[1], "x", 1) == 1);
    long long since = now();
    slow_read();
    waited += now() - since;
    must(lseek(file, 0, SEEK_SET) == 0);
    for (int i = 0; i < 20; i++) write_data(file);
    for (int i = 0; i < 10; i++) talk(peer);
    for (int i = 0; i < 10; i++) miss();
  }
  // Whoever listens has all of it before the program ends.
  must(shutdown(peer, SHUT_WR) == 0);
  must(pthread_join(threads[0], NULL) == 0);
  printf("waited %lld\n", waited);
  return 0;
}
