// Linux calls missing from Swift's Glibc module: event descriptors, epoll, thread names, the parent-death signal.
#ifndef FRONTDESK_CLINUX_H
#define FRONTDESK_CLINUX_H

// Without <sys/socket.h>: Swift's importer would attribute its anonymous enumerations (SOCK_STREAM, SHUT_RDWR) to this module, and an optimised
// build of files that import Glibc alone would not find them.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// glibc declares it only under _GNU_SOURCE, which a module map cannot set for headers already loaded.
extern int pthread_setname_np(pthread_t thread, const char *name);

// A non-blocking event descriptor that is closed on exec; -1 with errno on failure.
static inline int linux_eventfd_make(void) {
  return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

// Adds one to the counter. The only possible failure, a full counter, leaves the descriptor readable anyway.
static inline void linux_eventfd_signal(int descriptor) {
  uint64_t one = 1;
  ssize_t written = write(descriptor, &one, sizeof one);
  (void)written;
}

// Sets the counter back to zero.
static inline void linux_eventfd_clear(int descriptor) {
  uint64_t count;
  ssize_t taken = read(descriptor, &count, sizeof count);
  (void)taken;
}

// An epoll instance that is closed on exec; -1 with errno on failure.
static inline int linux_epoll_make(void) {
  return epoll_create1(EPOLL_CLOEXEC);
}

// Asks the kernel to signal this process when its parent ends (prctl is variadic, so Swift cannot call it).
static inline int linux_set_parent_death_signal(int signal_number) {
  return prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0);
}

// A copy of another process's descriptor (pidfd_open and pidfd_getfd, Linux 5.6), closed on exec; -1 with errno on failure. It
// requires permission to trace that process.
static inline int linux_borrow_descriptor(int process, int descriptor) {
  int handle = (int)syscall(SYS_pidfd_open, process, 0);
  if (handle < 0) return -1;
  int copy = (int)syscall(SYS_pidfd_getfd, handle, descriptor, 0);
  int failure = errno;
  close(handle);
  errno = failure;
  return copy;
}

#endif
