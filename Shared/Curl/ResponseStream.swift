/// A response with a streamed body. At most 256 KiB are buffered; beyond that the transfer pauses, and so does the
/// sender. Releasing the stream, or cancelling the reading task, ends the transfer.
///
/// The sequence can be read once, by one task at a time.
public struct ResponseStream: AsyncSequence, Sendable {
  public typealias Element = [UInt8]

  /// The status of the final response, 200...599.
  public let status: Int
  /// The fields of the head.
  public let headers: HTTPHeaders
  private let reading: StreamReading

  init(status: Int, headers: HTTPHeaders, reading: StreamReading) {
    self.status = status
    self.headers = headers
    self.reading = reading
  }

  /// The body as server-sent events. An event larger than `maximumEventBytes` ends the sequence with `tooLarge`.
  public func events(maximumEventBytes: Int = 1 << 20) -> ServerSentEvents {
    ServerSentEvents(stream: self, maximumEventBytes: maximumEventBytes)
  }

  public func makeAsyncIterator() -> Iterator {
    Iterator(reading: reading)
  }

  /// Reads the chunks in order.
  public struct Iterator: AsyncIteratorProtocol {
    let reading: StreamReading

    /// Returns the next bytes, never empty, or nil at the end of the body.
    public mutating func next() async throws -> [UInt8]? {
      try await reading.client.engine.next(reading.identifier)
    }
  }
}

/// Ends the transfer when the stream has no references left. Keeps the client alive until then.
final class StreamReading: Sendable {
  let client: HTTPClient
  let identifier: TransferEngine.Identifier

  init(client: HTTPClient, identifier: TransferEngine.Identifier) {
    self.client = client
    self.identifier = identifier
  }

  deinit {
    let engine = client.engine
    let identifier = identifier
    Task { await engine.release(identifier) }
  }
}
