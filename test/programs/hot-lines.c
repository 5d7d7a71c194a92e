/* Lines that tests count on: most time is given to line 7, less to line 6. */
static volatile unsigned long sink;

__attribute__((noinline)) unsigned long hot_loop(unsigned long n) {
  unsigned long x = 1;
  for (unsigned long i = 0; i < n; i++)
    x = x * 31 + i;
  return x;
}

int main(void) {
  for (unsigned long i = 0; i < 1000; i++)
    sink += hot_loop(i);
  return 0;
}
