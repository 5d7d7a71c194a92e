/* Frames of several shapes, with signed return addresses (-mbranch-protection=pac-ret): see make.sh. */
volatile long sink;

__attribute__((noinline)) long leaf(long n) {
  return n * 3 + 1;
}

__attribute__((noinline)) long inner(long n) {
  long words[16];
  for (int i = 0; i < 16; i++) words[i] = leaf(n + i);
  return words[n & 15] + leaf(words[0]);
}

__attribute__((noinline)) long middle(long n) {
  long sum = inner(n);
  if (n > 100) return sum;
  return inner(sum) + n;
}

/* Its frame grows as it runs. */
__attribute__((noinline)) long growing(long n) {
  volatile char bytes[n];
  bytes[0] = 1;
  return middle(n) + bytes[0];
}

void _start(void) {
  for (;;) sink = growing(sink + 64);
}
