internal import Dispatch
internal import Glibc
internal import SystemPrimitives

/// Resolves host names with the system's resolver on its own threads, because the C library's calls block.
///
/// A lookup without a waiting caller (cancelled or timed out) still occupies its thread until the C library
/// returns; therefore both running and waiting lookups are bounded.
public final class AddressResolver: Sendable {
  private struct State: Sendable {
    var running = 0
    var waiting: [Lookup] = []
  }

  private let state = PthreadMutex(State())
  private let queue = DispatchQueue(label: "address-resolver", attributes: .concurrent)

  /// Starts no thread before the first lookup.
  public init() {}

  /// Returns the addresses of a host without duplicates, in the system's order of preference. A literal address is
  /// returned as is.
  ///
  /// Throws `HTTPClientError` with `couldNotResolve`, `timedOut` or `overloaded`, or `CancellationError`.
  public func resolve(_ host: String, timeout: Duration = .seconds(5)) async throws -> [IPAddress] {
    if let address = IPAddress(lenient: host) { return [address] }
    guard !host.isEmpty, host.utf8.count <= 253, !host.utf8.contains(0) else {
      throw HTTPClientError(.couldNotResolve, host: host, reason: "not a host name")
    }
    let lookup = Lookup(host: host)
    let watch = Task {
      try await Task.sleep(for: timeout)
      lookup.finish(.failure(HTTPClientError(.timedOut, host: host, reason: "the lookup timed out")))
    }
    defer { watch.cancel() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        lookup.wait(continuation)
        start(lookup)
      }
    } onCancel: {
      lookup.finish(.failure(CancellationError()))
    }
  }

  private func start(_ lookup: Lookup) {
    enum Place { case now, later, refused }
    let place = state.withLock { state in
      if state.running < CurlBounds.lookups {
        state.running += 1
        return Place.now
      }
      guard state.waiting.count < CurlBounds.waitingLookups else { return .refused }
      state.waiting.append(lookup)
      return .later
    }
    switch place {
    case .now: queue.async { self.work(from: lookup) }
    case .later: break
    case .refused:
      lookup.finish(.failure(HTTPClientError(.overloaded, host: lookup.host, reason: "too many lookups")))
    }
  }

  private func work(from first: Lookup) {
    var next: Lookup? = first
    while let lookup = next {
      if !lookup.isFinished { lookup.finish(Self.ask(lookup.host)) }
      next = state.withLock { state in
        if state.waiting.isEmpty {
          state.running -= 1
          return nil
        }
        return state.waiting.removeFirst()
      }
    }
  }

  private static func ask(_ host: String) -> Result<[IPAddress], any Error> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, nil, &hints, &list)
    guard status == 0 else {
      let reason = String(cString: gai_strerror(status))
      return .failure(HTTPClientError(.couldNotResolve, host: host, reason: reason))
    }
    defer { freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var entry = list
    while let current = entry, addresses.count < CurlBounds.addressesPerHost {
      if let address = current.pointee.ai_addr.flatMap({ IPAddress($0) }), !addresses.contains(address) {
        addresses.append(address)
      }
      entry = current.pointee.ai_next
    }
    guard !addresses.isEmpty else {
      return .failure(HTTPClientError(.couldNotResolve, host: host, reason: "the host has no address"))
    }
    return .success(addresses)
  }
}

/// A lookup that completes once: by the resolver, by its timeout or by cancellation, whichever comes first.
private final class Lookup: Sendable {
  private enum State: Sendable {
    case new
    case waiting(CheckedContinuation<[IPAddress], any Error>)
    case answered(Result<[IPAddress], any Error>)
    case finished
  }

  let host: String
  private let state = PthreadMutex(State.new)

  init(host: String) {
    self.host = host
  }

  var isFinished: Bool {
    state.withLock { state in
      switch state {
      case .new, .waiting: false
      case .answered, .finished: true
      }
    }
  }

  func wait(_ continuation: CheckedContinuation<[IPAddress], any Error>) {
    let answer: Result<[IPAddress], any Error>? = state.withLock { state in
      if case .answered(let result) = state {
        state = .finished
        return result
      }
      state = .waiting(continuation)
      return nil
    }
    if let answer { continuation.resume(with: answer) }
  }

  func finish(_ result: Result<[IPAddress], any Error>) {
    let waiting: CheckedContinuation<[IPAddress], any Error>? = state.withLock { state in
      switch state {
      case .new:
        state = .answered(result)
        return nil
      case .waiting(let continuation):
        state = .finished
        return continuation
      case .answered, .finished:
        return nil
      }
    }
    waiting?.resume(with: result)
  }
}

extension IPAddress {
  fileprivate init?(_ address: UnsafeMutablePointer<sockaddr>) {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      self = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        .v4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
      }
    case AF_INET6:
      self = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
        withUnsafeBytes(of: pointer.pointee.sin6_addr) { bytes in
          .v6(bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
        }
      }
    default:
      return nil
    }
  }
}
