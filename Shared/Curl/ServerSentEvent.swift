/// One event of an event stream, as in the HTML standard (section 9.2, "Server-sent events").
public struct ServerSentEvent: Sendable, Equatable {
  /// `message` if the stream names none.
  public var type: String
  /// The lines of the data, joined by line feeds.
  public var data: String
  /// The last id set by the stream, in this event or an earlier one; empty before the first.
  public var lastEventID: String

  /// Fields as they are after parsing.
  public init(type: String = "message", data: String, lastEventID: String = "") {
    self.type = type
    self.data = data
    self.lastEventID = lastEventID
  }
}

/// Parses the bytes of an event stream, split anywhere, into events.
public struct ServerSentEventParser: Sendable {
  /// The reason why parsing cannot continue.
  public enum Failure: Error, Sendable, Equatable {
    /// An event or a single line exceeds the limit.
    case eventTooLarge(maximumBytes: Int)
  }

  /// The reconnection time requested by the stream, if any.
  public private(set) var reconnectionTime: Duration?
  /// To be sent as `Last-Event-ID` when reconnecting.
  public private(set) var lastEventID = ""

  private let maximumEventBytes: Int
  private var line: [UInt8] = []
  private var endedWithCarriageReturn = false
  private var isFirstLine = true
  private var type = ""
  private var data = ""
  private var hasData = false
  private var pendingEventID = ""

  /// - Parameter maximumEventBytes: bound on the data of one event and on one line.
  public init(maximumEventBytes: Int = 1 << 20) {
    self.maximumEventBytes = maximumEventBytes
  }

  /// Processes the next bytes and returns the events that they complete. Throws `eventTooLarge`, after which the parser must
  /// not be used again.
  public mutating func parse(_ bytes: some Sequence<UInt8>) throws(Failure) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    for byte in bytes {
      if endedWithCarriageReturn {
        endedWithCarriageReturn = false
        if byte == 0x0A { continue }
      }
      if byte == 0x0D || byte == 0x0A {
        endedWithCarriageReturn = byte == 0x0D
        if let event = try endLine() { events.append(event) }
      } else {
        guard line.count < maximumEventBytes else { throw .eventTooLarge(maximumBytes: maximumEventBytes) }
        line.append(byte)
      }
    }
    return events
  }

  private mutating func endLine() throws(Failure) -> ServerSentEvent? {
    var text = String(decoding: line, as: UTF8.self)
    line.removeAll(keepingCapacity: true)
    if isFirstLine {
      isFirstLine = false
      if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    }
    if text.isEmpty { return dispatch() }
    let utf8 = text.utf8
    let colon = utf8.firstIndex(of: UInt8(ascii: ":")) ?? utf8.endIndex
    var value = utf8[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    try take(field: Substring(utf8[..<colon]), value: Substring(value))
    return nil
  }

  private mutating func take(field: Substring, value: Substring) throws(Failure) {
    switch field {
    case "event":
      type = String(value)
    case "data":
      guard data.utf8.count + value.utf8.count < maximumEventBytes else {
        throw .eventTooLarge(maximumBytes: maximumEventBytes)
      }
      if hasData { data += "\n" }
      data += value
      hasData = true
    case "id" where !value.utf8.contains(0):
      pendingEventID = String(value)
    case "retry" where !value.isEmpty && value.utf8.allSatisfy(\.isASCIIDigit):
      if let milliseconds = Int64(value) { reconnectionTime = .milliseconds(milliseconds) }
    default:
      // A comment (no field name) or an unknown field.
      break
    }
  }

  private mutating func dispatch() -> ServerSentEvent? {
    lastEventID = pendingEventID
    defer {
      type = ""
      data = ""
      hasData = false
    }
    guard hasData else { return nil }
    return ServerSentEvent(type: type.isEmpty ? "message" : type, data: data, lastEventID: lastEventID)
  }
}

/// The events of a streamed response.
public struct ServerSentEvents: AsyncSequence, Sendable {
  public typealias Element = ServerSentEvent

  let stream: ResponseStream
  let maximumEventBytes: Int

  public func makeAsyncIterator() -> Iterator {
    Iterator(bytes: stream.makeAsyncIterator(), parser: ServerSentEventParser(maximumEventBytes: maximumEventBytes))
  }

  /// Reads the events in order.
  public struct Iterator: AsyncIteratorProtocol {
    var bytes: ResponseStream.Iterator
    /// Holds the last id and the reconnection time, for reconnecting.
    public private(set) var parser: ServerSentEventParser
    private var ready: ArraySlice<ServerSentEvent> = []

    init(bytes: ResponseStream.Iterator, parser: ServerSentEventParser) {
      self.bytes = bytes
      self.parser = parser
    }

    /// Returns the next event, or nil at the end of the response.
    public mutating func next() async throws -> ServerSentEvent? {
      while ready.isEmpty {
        guard let piece = try await bytes.next() else { return nil }
        do {
          ready = try parser.parse(piece)[...]
        } catch {
          throw HTTPClientError(.tooLarge, host: nil, reason: "an event is larger than allowed")
        }
      }
      return ready.removeFirst()
    }
  }
}
