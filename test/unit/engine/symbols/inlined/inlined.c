/* A few functions, some inlined into others, some with code that lies apart (cold): see make.sh. */
#define INLINED static inline __attribute__((always_inline))
#define APART __attribute__((noinline))

volatile unsigned long sink;
volatile int rarely;

INLINED unsigned long mix(unsigned long x) {
  x ^= x >> 29;
  return x * 6364136223846793005UL;
}

INLINED unsigned long twice(unsigned long x) {
  unsigned long once = mix(x);
  return mix(once + 1);
}

APART __attribute__((cold)) void complain(unsigned long x) {
  sink = mix(x) - 1;
}

APART unsigned long loop(unsigned long n) {
  unsigned long x = n;
  for (unsigned long i = 0; i < n; i++) {
    x = twice(x);
    if (__builtin_expect(rarely, 0)) {
      complain(x);
      sink = twice(x + 3);
    }
  }
  return x;
}

APART unsigned long plain(unsigned long n) {
  return n * 3 + sink;
}

void _start(void) {
  sink = twice(loop(plain(7)));
  for (;;) {
  }
}
