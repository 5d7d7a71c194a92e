// direct COUNT PATH: write_blocks() writes COUNT blocks of 65,536 bytes to PATH past the page cache, read_blocks() reads them
// back: as many requests to the disk, each of that size where the file lies in one piece.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 65536 };

// The C library keeps no frame pointers: who calls it is missing where they are followed, and its caller is not.
__attribute__((noinline)) static int put(int file, const void *block, int at) {
  return pwrite(file, block, SIZE, (off_t)at * SIZE) == SIZE;
}

__attribute__((noinline)) static int get(int file, void *block, int at) {
  return pread(file, block, SIZE, (off_t)at * SIZE) == SIZE;
}

__attribute__((noinline)) static int write_blocks(int file, const void *block, int count) {
  int done = 0;
  for (int i = 0; i < count; i++) done += put(file, block, i);
  return done;
}

__attribute__((noinline)) static int read_blocks(int file, void *block, int count) {
  int done = 0;
  for (int i = 0; i < count; i++) done += get(file, block, i);
  return done;
}

int main(int argc, char **argv) {
  void *block;
  if (argc < 3 || posix_memalign(&block, 4096, SIZE) != 0) return 2;
  int count = atoi(argv[1]);
  memset(block, 1, SIZE);
  int file = open(argv[2], O_CREAT | O_RDWR | O_DIRECT | O_DSYNC, 0600);
  if (file < 0 || fallocate(file, 0, 0, (off_t)count * SIZE) != 0) return 3;
  if (write_blocks(file, block, count) != count || read_blocks(file, block, count) != count) return 1;
  // What is mapped where is read from outside, as long as it is there.
  sleep(1);
  return close(file);
}
