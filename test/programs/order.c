/*
 * What goes well by chance: withdraw takes ledger_lock and then vault_lock, audit the other way round, one after the other;
 * two threads count_up what no lock protects.
 */
#include <pthread.h>

pthread_mutex_t ledger_lock = PTHREAD_MUTEX_INITIALIZER, vault_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int counted;

__attribute__((noinline)) static void *withdraw(void *none) {
  pthread_mutex_lock(&ledger_lock);
  pthread_mutex_lock(&vault_lock);
  pthread_mutex_unlock(&vault_lock);
  pthread_mutex_unlock(&ledger_lock);
  return none;
}

__attribute__((noinline)) static void *audit(void *none) {
  pthread_mutex_lock(&vault_lock);
  pthread_mutex_lock(&ledger_lock);
  pthread_mutex_unlock(&ledger_lock);
  pthread_mutex_unlock(&vault_lock);
  return none;
}

__attribute__((noinline)) static void *count_up(void *none) {
  counted++;
  return none;
}

int main(void) {
  pthread_t first, second;
  pthread_create(&first, NULL, withdraw, NULL);
  pthread_join(first, NULL);
  pthread_create(&first, NULL, audit, NULL);
  pthread_join(first, NULL);
  pthread_create(&first, NULL, count_up, NULL);
  pthread_create(&second, NULL, count_up, NULL);
  pthread_join(first, NULL);
  pthread_join(second, NULL);
  return 0;
}
