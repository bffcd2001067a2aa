// What Swift's Glibc module leaves out: event descriptors, epoll, thread names, the parent-death signal.
#ifndef FRONTDESK_CLINUX_H
#define FRONTDESK_CLINUX_H

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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
// needs the right to trace that process.
static inline int linux_borrow_descriptor(int process, int descriptor) {
  int handle = (int)syscall(SYS_pidfd_open, process, 0);
  if (handle < 0) return -1;
  int copy = (int)syscall(SYS_pidfd_getfd, handle, descriptor, 0);
  int failure = errno;
  close(handle);
  errno = failure;
  return copy;
}

// Bytes that a TCP connection has received, those not read yet included; -1 for what is no connection. glibc's tcp_info ends before
// tcpi_bytes_received (Linux 4.1), and the kernel's header cannot be included beside glibc's: 8 bytes, 24 words and three counters of 8
// bytes stand before it, and the kernel's layout does not change.
static inline int64_t linux_tcp_bytes_received(int descriptor) {
  unsigned char information[256];
  socklen_t size = sizeof information;
  const int tcp_info_option = 11;
  const size_t place = 8 + 24 * 4 + 3 * 8;
  if (getsockopt(descriptor, IPPROTO_TCP, tcp_info_option, information, &size) != 0) return -1;
  uint64_t count;
  if (size < place + sizeof count) return -1;
  memcpy(&count, information + place, sizeof count);
  return (int64_t)count;
}

// The address block that a TCP connection comes from, as 16 bytes of IPv6: an IPv4 address mapped (RFC 4291, 2.5.5.2), or the /64 of an IPv6
// address, all of which one client has. -1 for what is no TCP connection or has ended.
static inline int linux_peer_network(int descriptor, uint64_t network[2]) {
  struct sockaddr_storage name;
  socklen_t size = sizeof name;
  if (getpeername(descriptor, (struct sockaddr *)&name, &size) != 0) return -1;
  unsigned char bytes[16] = {[10] = 0xff, [11] = 0xff};
  if (name.ss_family == AF_INET) {
    memcpy(bytes + 12, &((struct sockaddr_in *)&name)->sin_addr, 4);
  } else if (name.ss_family == AF_INET6) {
    const struct in6_addr *address = &((struct sockaddr_in6 *)&name)->sin6_addr;
    memcpy(bytes, address, 16);
    if (!IN6_IS_ADDR_V4MAPPED(address)) memset(bytes + 8, 0, 8);
  } else {
    return -1;
  }
  memcpy(network, bytes, 16);
  return 0;
}

// Ends a TCP connection that another library owns, if it is one of this local port: what the library reads next is its end, and its close
// resets the connection, because a peer that met a window of zero would not notice an end in order for a minute. The copy keeps the connection while it is looked at, so
// that a descriptor that was closed and used again meanwhile is not mistaken for it.
static inline int linux_end_tcp_connection(int descriptor, uint16_t local_port) {
  int copy = dup(descriptor);
  if (copy < 0) return -1;
  struct sockaddr_storage name;
  socklen_t size = sizeof name;
  int status = getsockname(copy, (struct sockaddr *)&name, &size);
  // The port stands at the same place in addresses of IPv4 and IPv6.
  if (status == 0 && ntohs(((struct sockaddr_in *)&name)->sin_port) == local_port) {
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(copy, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    status = shutdown(copy, SHUT_RDWR);
  } else {
    status = -1;
  }
  close(copy);
  return status;
}

#endif
