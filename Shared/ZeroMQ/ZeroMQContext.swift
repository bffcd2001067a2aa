import CZeroMQ

/// libzmq's context: the I/O threads and the in-process endpoints. A process has one.
///
/// Every socket keeps its context alive, so the context ends after its last socket and its termination never blocks.
///
/// `@unchecked Sendable`: libzmq's contexts are thread-safe, and the pointer does not change.
public final class ZeroMQContext: @unchecked Sendable {
  let handle: UnsafeMutableRawPointer

  /// Creates a context.
  /// - Parameters:
  ///   - ioThreads: I/O threads, 1 or more; one serves about a gigabyte per second.
  ///   - maximumSockets: sockets open at once, 1 to 65,535.
  public init(ioThreads: Int32 = 1, maximumSockets: Int32 = 4096) throws(ZeroMQError) {
    guard let handle = zmq_ctx_new() else { throw .last("create a context") }
    self.handle = handle
    guard zmq_ctx_set(handle, ZMQ_IO_THREADS, ioThreads) == 0, zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, maximumSockets) == 0
    else { throw .last("configure a context") }
  }

  deinit {
    // If a signal interrupts termination, it must be requested again.
    while zmq_ctx_term(handle) != 0 && zmq_errno() == EINTR {}
  }
}
