// direct COUNT PATH: COUNT writes of 65,536 bytes to PATH past the page cache, each followed by fdatasync: at least as many
// requests to the disk.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 65536 };

int main(int argc, char **argv) {
  void *block;
  if (argc < 3 || posix_memalign(&block, 4096, SIZE) != 0) return 2;
  memset(block, 1, SIZE);
  int file = open(argv[2], O_CREAT | O_WRONLY | O_DIRECT, 0600);
  for (int i = atoi(argv[1]); i > 0; i--)
    if (write(file, block, SIZE) != SIZE || fdatasync(file) != 0) return 1;
  return close(file);
}
