internal import Glibc
internal import SystemPrimitives

/// Writes lines to a file descriptor. A thread that finds no other writer writes all pending lines, so that under load many lines share
/// one call, and when idle a line is written before its caller continues.
public final class LogSink: Sendable {
  /// Maximum pending bytes while another thread writes. Beyond that records are dropped, and their number is logged.
  static let maximumWaitingBytes = 1 << 20

  private struct State: Sendable {
    var waiting: [UInt8] = []
    var dropped = 0
    var isWriting = false
  }

  /// Standard error.
  public static let standardError = LogSink(descriptor: STDERR_FILENO)

  private let descriptor: Int32
  private let state = PthreadMutex(State())

  /// The caller keeps ownership of the descriptor.
  public init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Writes one line, including its line feed.
  func write(_ line: String) {
    var batch: [UInt8]? = state.withLock { state in
      guard state.waiting.count + line.utf8.count <= Self.maximumWaitingBytes else {
        state.dropped += 1
        return nil
      }
      state.waiting.append(contentsOf: line.utf8)
      guard !state.isWriting else { return nil }
      state.isWriting = true
      return Self.take(&state)
    }
    while let bytes = batch {
      writeAll(bytes)
      batch = state.withLock { state in
        if state.waiting.isEmpty {
          state.isWriting = false
          return nil
        }
        return Self.take(&state)
      }
    }
  }

  private static func take(_ state: inout State) -> [UInt8] {
    var bytes = state.waiting
    state.waiting = []
    if state.dropped > 0 {
      bytes += "{\"level\":\"warning\",\"message\":\"log records dropped\",\"count\":\(state.dropped)}\n".utf8
      state.dropped = 0
    }
    return bytes
  }

  /// Lines to a descriptor that accepts no more (a closed pipe) are lost: a service does not fail because of its log.
  private func writeAll(_ bytes: [UInt8]) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        written += count
      } else if count < 0, errno == EAGAIN {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, 1000)
      } else if count == 0 || errno != EINTR {
        return
      }
    }
  }
}
