/// A response whose body arrives piece by piece. At most a bounded part of it is held (256 KiB); beyond that the transfer
/// pauses, and so does the sender. Letting go of the stream, or cancelling the reading task, ends the transfer.
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

  /// Reads the pieces in order.
  public struct Iterator: AsyncIteratorProtocol {
    let reading: StreamReading

    /// The next bytes, never empty, or nil at the end of the body.
    public mutating func next() async throws -> [UInt8]? {
      try await reading.client.engine.next(reading.identifier)
    }
  }
}

/// Ends the transfer when nobody refers to the stream any more. Keeps the client alive until then.
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
