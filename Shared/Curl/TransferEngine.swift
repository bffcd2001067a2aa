internal import EventThread

/// The interface to the transfers: an actor on the event thread that runs them.
actor TransferEngine {
  typealias Identifier = UInt64

  nonisolated let thread: EventThread
  private let reactor: TransferReactor
  private let configuration: HTTPClient.Configuration
  private var transfers: [Identifier: Transfer] = [:]
  private var streams: [Identifier: OpenStream] = [:]
  private var lastIdentifier: Identifier = 0
  private var isShutDown = false

  init(configuration: HTTPClient.Configuration) throws {
    self.configuration = configuration
    reactor = try TransferReactor(configuration: configuration)
    thread = EventThread(name: "http-client", reactor: reactor)
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  // MARK: - Whole responses

  func send(_ request: HTTPClient.Request) async throws -> HTTPClient.Response {
    let (identifier, transfer) = try open(request, mode: .whole(maximumBytes: request.maximumResponseBytes))
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        start(identifier, transfer) { end in
          switch end {
          case .complete: continuation.resume(returning: transfer.response)
          case .failed(let failure): continuation.resume(throwing: failure)
          case .cancelled: continuation.resume(throwing: CancellationError())
          }
        }
      }
    } onCancel: {
      Task { await self.cancel(identifier) }
    }
  }

  // MARK: - Streams

  private final class OpenStream {
    let transfer: Transfer
    var end: Transfer.End?
    var reader: CheckedContinuation<[UInt8]?, any Error>?

    init(_ transfer: Transfer) {
      self.transfer = transfer
    }

    /// Passes available data to the waiting reader, if any.
    func notify() {
      guard let reader, let next = next() else { return }
      self.reader = nil
      reader.resume(with: next)
    }

    /// Returns the reader's next result; nil if it has to wait. Buffered bytes precede the end.
    func next() -> Result<[UInt8]?, any Error>? {
      if transfer.hasBody { return .success(transfer.takeBody()) }
      switch end {
      case .complete: return .success(nil)
      case .failed(let failure): return .failure(failure)
      case .cancelled: return .failure(CancellationError())
      case nil: return nil
      }
    }
  }

  /// Returns when the head has arrived.
  func stream(_ request: HTTPClient.Request) async throws -> (Identifier, HTTPClient.Response) {
    let (identifier, transfer) = try open(request, mode: .stream)
    let stream = OpenStream(transfer)
    streams[identifier] = stream
    do {
      let head: HTTPClient.Response = try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          var opening: CheckedContinuation<HTTPClient.Response, any Error>? = continuation
          transfer.onHead = {
            opening?.resume(returning: HTTPClient.Response(status: transfer.status, headers: transfer.headers))
            opening = nil
          }
          transfer.onBody = { stream.notify() }
          start(identifier, transfer) { end in
            stream.end = end
            stream.notify()
            guard let waiting = opening else { return }
            opening = nil
            switch end {
            case .complete:
              waiting.resume(
                throwing: HTTPClientError(.invalidResponse, host: transfer.host, reason: "no final response arrived"))
            case .failed(let failure): waiting.resume(throwing: failure)
            case .cancelled: waiting.resume(throwing: CancellationError())
            }
          }
        }
      } onCancel: {
        Task { await self.cancel(identifier) }
      }
      return (identifier, head)
    } catch {
      streams[identifier] = nil
      throw error
    }
  }

  /// Returns the next bytes of a stream, or nil at its end. One reader at a time.
  func next(_ identifier: Identifier) async throws -> [UInt8]? {
    guard let stream = streams[identifier] else { return nil }
    if let ready = stream.next() { return try ready.get() }
    precondition(stream.reader == nil, "a response stream has one reader at a time")
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { wait(for: stream, $0) }
    } onCancel: {
      Task { await self.cancel(identifier) }
    }
  }

  /// An actor method so that it runs on the actor's thread: an asynchronous closure that does not use the actor may run elsewhere.
  private func wait(for stream: OpenStream, _ reader: CheckedContinuation<[UInt8]?, any Error>) {
    // Checks again, because the thread may have run other work in between.
    if let ready = stream.next() {
      reader.resume(with: ready)
    } else {
      stream.reader = reader
    }
  }

  /// Ends a stream that is no longer read.
  func release(_ identifier: Identifier) {
    cancel(identifier)
    streams[identifier] = nil
  }

  // MARK: - Beginning and ending

  func shutDown() {
    isShutDown = true
    reactor.abortAll()
  }

  private func open(_ request: HTTPClient.Request, mode: Transfer.Mode) throws -> (Identifier, Transfer) {
    try Task.checkCancellation()
    let transfer = try Transfer(request, configuration: configuration, mode: mode)
    guard !isShutDown else {
      throw HTTPClientError(.aborted, host: transfer.host, reason: "the client was shut down")
    }
    guard transfers.count < configuration.maximumTransfers else {
      throw HTTPClientError(
        .overloaded, host: transfer.host, reason: "\(configuration.maximumTransfers) transfers are in progress")
    }
    lastIdentifier += 1
    return (lastIdentifier, transfer)
  }

  private func start(_ identifier: Identifier, _ transfer: Transfer, onEnd: @escaping (Transfer.End) -> Void) {
    transfer.onEnd = { [self] end in
      transfers[identifier] = nil
      onEnd(end)
    }
    transfers[identifier] = transfer
    reactor.add(transfer)
  }

  private func cancel(_ identifier: Identifier) {
    guard let transfer = transfers[identifier] else { return }
    reactor.abort(transfer, .cancelled)
  }
}
