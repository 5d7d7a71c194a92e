/*
 * Threads of a JVM that wait, for known reasons. Usage: JavaWaits SECONDS FILE, then it ends.
 *
 *   thread "holder"          holds a JavaWaits$Vault in holdVault, asleep, 30 ms of every 40 ms
 *   thread "waiter"          wants the same monitor in wantVault
 *   thread "clerk"           holds a ReentrantLock in holdLedger, asleep, 20 ms of every 40 ms
 *   thread "auditor"         wants the same lock in wantLedger
 *   thread "idler"           waits in awaitWork for work that comes every 50 ms: no contention
 *   threads "left", "right"  each has one JavaWaits$Door and wants the other's in passDoors, for ever
 *
 * What it measured itself is in FILE at the end, in ns: "truth NAME waits N wait NS" for vault, ledger and work.
 */
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

public final class JavaWaits {
  static final class Vault {
    int opened;
  }

  static final class Door {
    int passed;
  }

  private static final class Truth {
    final AtomicLong waits = new AtomicLong();
    final AtomicLong waitNs = new AtomicLong();

    /** What takes less than this met nobody. */
    void waited(long fromNs) {
      long ns = System.nanoTime() - fromNs;
      if (ns < 100_000) return;
      waits.incrementAndGet();
      waitNs.addAndGet(ns);
    }

    String words(String name) {
      return "truth " + name + " waits " + waits + " wait " + waitNs;
    }
  }

  private static final Vault VAULT = new Vault();
  private static final ReentrantLock LEDGER = new ReentrantLock();
  private static final LinkedBlockingQueue<Integer> WORK = new LinkedBlockingQueue<>();
  private static final Door[] DOORS = {new Door(), new Door()};
  private static final CountDownLatch BOTH = new CountDownLatch(2);
  private static final Truth OF_VAULT = new Truth();
  private static final Truth OF_LEDGER = new Truth();
  private static final Truth OF_WORK = new Truth();
  private static volatile boolean over;

  public static void main(String[] args) throws Exception {
    long untilNs = System.nanoTime() + (long) (Double.parseDouble(args[0]) * 1e9);
    List<Thread> threads = new ArrayList<>();
    threads.add(start("holder", () -> repeat(JavaWaits::holdVault)));
    threads.add(start("waiter", () -> repeat(JavaWaits::wantVault)));
    threads.add(start("clerk", () -> repeat(JavaWaits::holdLedger)));
    threads.add(start("auditor", () -> repeat(JavaWaits::wantLedger)));
    threads.add(start("idler", () -> repeat(JavaWaits::awaitWork)));
    start("left", () -> passDoors(DOORS[0], DOORS[1]));
    start("right", () -> passDoors(DOORS[1], DOORS[0]));
    System.out.println("ready " + ProcessHandle.current().pid());
    System.out.flush();
    while (System.nanoTime() < untilNs) {
      sleep(50);
      WORK.add(1);
    }
    over = true;
    WORK.add(1);
    for (Thread thread : threads) thread.join();
    Files.write(
        Path.of(args[1]),
        List.of(OF_VAULT.words("vault"), OF_LEDGER.words("ledger"), OF_WORK.words("work")));
  }

  private static Thread start(String name, Runnable run) {
    Thread thread = new Thread(run, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void repeat(Runnable body) {
    while (!over) body.run();
  }

  static void holdVault() {
    long fromNs = System.nanoTime();
    synchronized (VAULT) {
      OF_VAULT.waited(fromNs);
      VAULT.opened++;
      sleep(30);
    }
    sleep(10);
  }

  static void wantVault() {
    long fromNs = System.nanoTime();
    synchronized (VAULT) {
      OF_VAULT.waited(fromNs);
      VAULT.opened++;
    }
    sleep(2);
  }

  static void holdLedger() {
    long fromNs = System.nanoTime();
    LEDGER.lock();
    OF_LEDGER.waited(fromNs);
    sleep(20);
    LEDGER.unlock();
    sleep(20);
  }

  static void wantLedger() {
    long fromNs = System.nanoTime();
    LEDGER.lock();
    OF_LEDGER.waited(fromNs);
    LEDGER.unlock();
    sleep(2);
  }

  static void awaitWork() {
    long fromNs = System.nanoTime();
    try {
      WORK.take();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    OF_WORK.waited(fromNs);
  }

  static void passDoors(Door first, Door second) {
    synchronized (first) {
      BOTH.countDown();
      try {
        BOTH.await();
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
      synchronized (second) {
        second.passed++;
      }
    }
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
