/*
 * A program with a known answer for profilers of the JVM. Usage: JavaSplit [SECONDS], then it ends with exit code 7.
 *
 *   thread "split-worker"   burns CPU: JavaSplit.burnA 60 %, JavaSplit.burnB 30 %, JavaSplit.burnC 10 %; a round of the
 *                           three takes about 100 ms. Chains, outermost first:
 *                             work, phaseAb, burnA    work, phaseAb, burnB    work, phaseC, burnC
 *   thread "split-holder"   holds a JavaSplit$Vault in holdVault, asleep, 50 ms of every 100 ms
 *   thread "split-waiter"   wants the same monitor in wantVault: waits about half of the time
 *   thread "split-maker"    allocates byte[1000] in makeGarbage, up to 40 MB a second: 60 % of it in garbageA, 35 % in garbageB,
 *                           5 % in keep, which keeps them: a leak of up to 2 MB a second, until it is KEPT_MOST objects
 *   thread "split-idle"     sleeps in idle
 *
 * The shares are of CPU time that a thread measures for itself, so they hold on a busy machine. What a profiler could lose to the
 * compiler is kept apart: the burning methods are longer than what C2 takes into its callers when they are hot (325 bytecodes,
 * FreqInlineSize; more than 8,000 would never be compiled), and their callers' own loops do next to nothing.
 */
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;

public final class JavaSplit {
  static final class Vault {
    int opened;
  }

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Vault VAULT = new Vault();
  private static final long ROUND_NS = 100_000_000L;
  private static volatile long sink;
  private static volatile byte[] garbage;
  private static final int KEPT_MOST = 20_000;
  private static final List<byte[]> KEPT = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 0;
    start("split-worker", JavaSplit::work);
    start("split-holder", JavaSplit::holdVault);
    start("split-waiter", JavaSplit::wantVault);
    start("split-maker", JavaSplit::makeGarbage);
    start("split-idle", JavaSplit::idle);
    System.out.println("ready " + ProcessHandle.current().pid());
    System.out.flush();
    Thread.sleep(seconds > 0 ? (long) (seconds * 1000) : Long.MAX_VALUE);
    System.exit(7);
  }

  private static void start(String name, Runnable run) {
    Thread thread = new Thread(run, name);
    thread.setDaemon(true);
    thread.start();
  }

  static void work() {
    for (;;) {
      phaseAb();
      phaseC();
    }
  }

  static void phaseAb() {
    long until = THREADS.getCurrentThreadCpuTime() + ROUND_NS * 6 / 10;
    while (THREADS.getCurrentThreadCpuTime() < until) sink += burnA(sink);
    until = THREADS.getCurrentThreadCpuTime() + ROUND_NS * 3 / 10;
    while (THREADS.getCurrentThreadCpuTime() < until) sink += burnB(sink);
  }

  static void phaseC() {
    long until = THREADS.getCurrentThreadCpuTime() + ROUND_NS / 10;
    while (THREADS.getCurrentThreadCpuTime() < until) sink += burnC(sink);
  }

  // Three of a kind: steps of different random generators, written out so often that the method is too long to inline.
  static long burnA(long seed) {
    long x = seed | 1;
    for (int i = 0; i < 12_000; i++) {
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 1L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 3L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 5L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 7L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 9L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 11L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 13L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 15L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 17L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 19L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 21L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 23L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 25L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 27L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 29L;
      x ^= x << 13; x ^= x >>> 7; x ^= x << 17; x += 31L;
    }
    return x;
  }

  static long burnB(long seed) {
    long x = seed | 1;
    for (int i = 0; i < 12_000; i++) {
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 101L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 103L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 105L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 107L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 109L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 111L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 113L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 115L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 117L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 119L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 121L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 123L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 125L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 127L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 129L;
      x ^= x << 21; x ^= x >>> 35; x ^= x << 4; x += 131L;
    }
    return x;
  }

  static long burnC(long seed) {
    long x = seed | 1;
    for (int i = 0; i < 12_000; i++) {
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1001L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1003L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1005L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1007L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1009L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1011L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1013L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1015L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1017L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1019L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1021L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1023L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1025L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1027L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1029L;
      x ^= x << 17; x ^= x >>> 31; x ^= x << 8; x += 1031L;
    }
    return x;
  }

  static void holdVault() {
    for (;;) {
      synchronized (VAULT) {
        VAULT.opened++;
        sleep(50);
      }
      sleep(50);
    }
  }

  static void wantVault() {
    for (;;) {
      synchronized (VAULT) {
        VAULT.opened++;
      }
      sleep(5);
    }
  }

  static void makeGarbage() {
    for (;;) {
      // In turns: what is taken of many samples are the first ones of some milliseconds.
      for (int turn = 0; turn < 10; turn++) {
        for (int i = 0; i < 12; i++) garbage = garbageA();
        for (int i = 0; i < 7; i++) garbage = garbageB();
        keep();
      }
      sleep(5);
    }
  }

  static byte[] garbageA() {
    return new byte[1000];
  }

  static byte[] garbageB() {
    return new byte[1000];
  }

  static void keep() {
    byte[] kept = new byte[1000];
    if (KEPT.size() < KEPT_MOST) KEPT.add(kept);
    else garbage = kept;
  }

  static void idle() {
    for (;;) sleep(60_000);
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
