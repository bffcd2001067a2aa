import CommandLineTool
import Foundation

/// The Unix socket on which a running `up` accepts requests. Only the user who runs it can open it.
final class ControlServer: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Listens. A socket left by a dead `up` is replaced: the folder's lock proves that no other is running.
  /// - Parameter answer: handles a request.
  init(path: String, answer: @escaping @Sendable (ControlRequest) async -> ControlAnswer) throws {
    unlink(path)
    descriptor = try UnixSocket.open()
    self.path = path
    let isListening = try UnixSocket.withAddress(path) { [descriptor] address, length in
      bind(descriptor, address, length) == 0
    }
    guard isListening, chmod(path, 0o600) == 0, listen(descriptor, 16) == 0 else {
      let failure = PrivateFile.failure("listen at", path)
      close(descriptor)
      throw failure
    }
    // A separate thread, because it blocks; it ends with `stop`.
    let thread = Thread { [descriptor] in
      while true {
        let client = accept(descriptor, nil, nil)
        if client < 0 {
          let failure = errno
          // `stop` has shut it down.
          if failure == EINVAL || failure == EBADF { break }
          // Without descriptors or memory for the moment: requests wait until there are some.
          if failure != EINTR, failure != ECONNABORTED { usleep(UpBounds.acceptPauseMicroseconds) }
          continue
        }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        ControlServer.serve(client, answer)
      }
      close(descriptor)
    }
    thread.name = "control"
    thread.start()
  }

  /// Stops answering and removes the socket.
  func stop() {
    // Wakes the thread, which then closes the socket.
    shutdown(descriptor, Int32(SHUT_RDWR))
    unlink(path)
  }

  /// Reads here, within a bounded time, and hands the rest to a task.
  private static func serve(_ client: Int32, _ answer: @escaping @Sendable (ControlRequest) async -> ControlAnswer) {
    UnixSocket.limitWaiting(client)
    let line = UnixSocket.readLine(client)
    Task {
      let result: ControlAnswer
      do {
        result = await answer(try ControlRequest(line: line))
      } catch let failure as CommandFailure {
        result = ControlAnswer(problem: failure.problem, remedy: failure.remedy)
      } catch {
        result = ControlAnswer(problem: "\(error)")
      }
      if let bytes = try? JSONEncoder().encode(result) {
        UnixSocket.write(Array(bytes) + [UInt8(ascii: "\n")], to: client)
      }
      close(client)
    }
  }
}

/// Sends requests to a running `up`.
package enum ControlClient {
  /// - Throws: `CommandFailure` when there is no answer, or the request was refused.
  package static func ask(_ request: ControlRequest, socket path: String) throws -> ControlAnswer {
    // Requests that it would refuse are refused here already, as usage errors.
    let line = Array(try request.line())
    _ = try ControlRequest(line: line)
    let descriptor = try UnixSocket.open()
    defer { close(descriptor) }
    UnixSocket.limitWaiting(descriptor)
    let isConnected = try UnixSocket.withAddress(path) { address, length in
      connect(descriptor, address, length) == 0
    }
    guard isConnected else { throw noAnswer(path) }
    UnixSocket.write(line, to: descriptor)
    guard let answer = try? JSONDecoder().decode(ControlAnswer.self, from: Data(UnixSocket.readLine(descriptor))) else {
      throw noAnswer(path)
    }
    if let problem = answer.problem { throw CommandFailure(problem, remedy: answer.remedy) }
    return answer
  }

  private static func noAnswer(_ path: String) -> CommandFailure {
    CommandFailure("no `frontdesk up` answers at \(path)", remedy: "start it, or name its folder with --folder")
  }
}

/// Blocking calls on Unix sockets.
enum UnixSocket {
  /// Returns whether a server at a path answers a question within the time limit. An accepted connection proves nothing: the kernel
  /// accepts it also for a process that is stopped or just being killed.
  static func answers(_ question: [UInt8], at path: String) -> Bool {
    guard let descriptor = try? open() else { return false }
    defer { close(descriptor) }
    limitWaiting(descriptor)
    let isConnected = try? withAddress(path) { address, length in connect(descriptor, address, length) == 0 }
    guard isConnected == true else { return false }
    write(question, to: descriptor)
    var answer: UInt8 = 0
    return read(descriptor, &answer, 1) == 1
  }

  static func open() throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw PrivateFile.failure("make", "a Unix socket") }
    return descriptor
  }

  static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) throws -> Result {
    guard path.utf8.count <= UpBounds.socketPathBytes else {
      throw CommandFailure(
        "the path \(path) is too long for a Unix socket", remedy: "name a folder with a shorter path")
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  static func limitWaiting(_ descriptor: Int32) {
    var limit = timeval(tv_sec: UpBounds.controlTimeoutSeconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  /// Reads until a line end, the end of the stream, the time limit or the length limit.
  static func readLine(_ descriptor: Int32) -> [UInt8] {
    var line: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while line.count < UpBounds.controlLineBytes {
      let count = read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      line += piece[..<count]
      if let end = line.firstIndex(of: UInt8(ascii: "\n")) { return Array(line[..<end]) }
    }
    return line
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      sent += count
    }
  }
}
