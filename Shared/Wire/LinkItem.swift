/// An item of a link: a customer's message on its way through the stages, as the bytes of a protobuf `WorkItem`.
///
/// The bytes are checked once, when they arrive, and stay as they came. A stage reads the fields that it needs and appends what it adds,
/// which protobuf defines: of a field that occurs twice, the last one counts. So an item is neither taken apart nor put together on its
/// way, and fields that this build does not know reach the next stage.
public struct LinkItem: Equatable, Sendable {
  /// The id of its message, which identifies it on the link.
  public let id: ItemID

  /// How often it was delivered before.
  public var attempts: UInt32

  /// Whether a classifier has processed it.
  public let hasLabels: Bool

  /// The fields; items that arrived together share their memory.
  private let bytes: ArraySlice<UInt8>

  /// What the bytes say about attempts.
  private let writtenAttempts: UInt32

  /// What an item says about its message, apart from the id.
  public struct Content: Equatable, Sendable {
    /// The id of its ticket; nil if it is malformed.
    public var ticketID: ItemID?
    public var channel = ""
    /// The channel's id for the customer.
    public var customer = ""
    public var subject = ""
    public var text = ""
    /// When intake accepted it: microseconds since 1970 by the database's clock.
    public var receivedAtUs: Int64 = 0
    /// W3C trace context; empty if there is none.
    public var traceparent = ""
    /// Whether this message opened its ticket.
    public var opensTicket = false
    public var tier = ""
    /// The product line that the channel named; may be empty.
    public var productLine = ""
    /// Nil until a classifier has processed it.
    public var labels: LinkLabels?

    /// Says nothing yet.
    public init() {}
  }

  /// The numbers of a `WorkItem`'s fields.
  private enum Field {
    static let messageID: UInt32 = 1
    static let ticketID: UInt32 = 2
    static let channel: UInt32 = 3
    static let customer: UInt32 = 4
    static let text: UInt32 = 5
    static let receivedAtUs: UInt32 = 6
    static let traceparent: UInt32 = 7
    static let opensTicket: UInt32 = 8
    static let tier: UInt32 = 9
    static let labels: UInt32 = 10
    static let subject: UInt32 = 11
    static let languageHint: UInt32 = 12
    static let attempts: UInt32 = 13
    static let productLine: UInt32 = 14
  }

  /// Items of the same id with the same bytes and attempts.
  public static func == (one: LinkItem, other: LinkItem) -> Bool {
    one.id == other.id && one.attempts == other.attempts && one.bytes == other.bytes
  }
}

// MARK: - Writing

extension LinkItem {
  /// Bytes of a typical item without its text and labels.
  private static let otherBytes = 240

  /// Bytes before the value of a field.
  private static let fieldBytes = 6

  /// Writes an item.
  public init(_ id: ItemID, attempts: UInt32 = 0, _ content: Content) {
    var writer = ProtobufWriter(capacity: content.text.utf8.count + Self.otherBytes)
    writer.always(Field.messageID, id)
    if let ticket = content.ticketID { writer.always(Field.ticketID, ticket) }
    writer.add(Field.channel, content.channel)
    writer.add(Field.customer, content.customer)
    writer.add(Field.text, content.text)
    writer.addZigZag(Field.receivedAtUs, content.receivedAtUs)
    writer.add(Field.traceparent, content.traceparent)
    writer.add(Field.opensTicket, content.opensTicket)
    writer.add(Field.tier, content.tier)
    writer.add(Field.subject, content.subject)
    writer.add(Field.attempts, UInt64(attempts))
    writer.add(Field.productLine, content.productLine)
    if let labels = content.labels { writer.always(Field.labels, encoded: labels.encoded) }
    self.id = id
    self.attempts = attempts
    hasLabels = content.labels != nil
    bytes = writer.bytes[...]
    writtenAttempts = attempts
  }

  private init(_ item: LinkItem, labelled bytes: [UInt8]) {
    id = item.id
    attempts = item.attempts
    hasLabels = true
    self.bytes = bytes[...]
    writtenAttempts = item.writtenAttempts
  }

  /// The item with labels; those that it had are replaced.
  public func labelled(_ labels: LinkLabels) -> LinkItem {
    let added = labels.encoded
    var writer = ProtobufWriter(capacity: bytes.count + added.count + Self.fieldBytes)
    if hasLabels {
      // Readers merge the occurrences of a message.
      visit { reader, tag, buffer in
        try reader.skip(tag)
        guard tag != .bytes(Field.labels) else { return }
        writer.append(UnsafeBufferPointer(rebasing: buffer[reader.fieldStart..<reader.place]))
      }
    } else {
      writer.append(bytes)
    }
    writer.always(Field.labels, encoded: added)
    return LinkItem(self, labelled: writer.bytes)
  }

  /// The bytes that it takes in a message.
  public var byteCount: Int { bytes.count + Self.fieldBytes }

  /// The body of a WORK message with some items.
  static func encoded(_ items: [LinkItem]) -> [UInt8] {
    var writer = ProtobufWriter(capacity: items.reduce(0) { $0 + $1.byteCount + 2 * fieldBytes })
    for item in items {
      if item.attempts == item.writtenAttempts {
        writer.always(1, encoded: item.bytes)
      } else {
        var correction = ProtobufWriter(capacity: fieldBytes)
        correction.always(Field.attempts, UInt64(item.attempts))
        writer.begin(1, byteCount: item.bytes.count + correction.bytes.count)
        writer.append(item.bytes)
        writer.append(correction.bytes)
      }
    }
    return writer.bytes
  }
}

// MARK: - Checking

extension LinkItem {
  /// Reads the items of a WORK body from an untrusted sender.
  static func items(of body: [UInt8]) throws(EnvelopeError) -> [LinkItem] {
    do {
      return try body.withUnsafeBufferPointer { try items(of: body, $0) }
    } catch let error as EnvelopeError {
      throw error
    } catch {
      throw .malformedBody(.work)
    }
  }

  private static func items(of body: [UInt8], _ buffer: UnsafeBufferPointer<UInt8>) throws -> [LinkItem] {
    var items: [LinkItem] = []
    var reader = ProtobufReader(buffer)
    while let tag = try reader.next() {
      guard tag == .bytes(1) else {
        try reader.skip(tag)
        continue
      }
      guard items.count < WireBounds.itemsPerWork else { throw EnvelopeError.invalidField(.work, name: "items") }
      items.append(try LinkItem(body, buffer, in: reader.bytes()))
    }
    guard !items.isEmpty else { throw EnvelopeError.invalidField(.work, name: "items") }
    return items
  }

  private init(_ body: [UInt8], _ buffer: UnsafeBufferPointer<UInt8>, in range: Range<Int>) throws {
    var reader = ProtobufReader(buffer, in: range)
    var id: ItemID?
    var receivedAt: Int64 = 0
    var attempts: UInt32 = 0
    var hasLabels = false
    var areLabelsFinite = true
    while let tag = try reader.next() {
      switch tag {
      case .bytes(Field.messageID): id = ItemID(bytes: buffer[try reader.bytes()])
      case .bytes(Field.channel), .bytes(Field.customer), .bytes(Field.text), .bytes(Field.traceparent),
        .bytes(Field.tier), .bytes(Field.subject), .bytes(Field.languageHint), .bytes(Field.productLine):
        _ = try reader.text()
      case .varint(Field.receivedAtUs): receivedAt = try reader.zigZag()
      case .varint(Field.attempts): attempts = UInt32(truncatingIfNeeded: try reader.varint())
      case .bytes(Field.labels):
        hasLabels = true
        let areFinite = try LinkLabels.check(buffer, in: reader.bytes())
        areLabelsFinite = areLabelsFinite && areFinite
      default: try reader.skip(tag)
      }
    }
    guard let id else { throw EnvelopeError.invalidField(.work, name: "message_id") }
    guard WireBounds.receivedAtMicroseconds.contains(receivedAt) else {
      throw EnvelopeError.invalidField(.work, name: "received_at_us")
    }
    guard areLabelsFinite else { throw EnvelopeError.invalidField(.work, name: "labels") }
    self.id = id
    self.attempts = attempts
    self.hasLabels = hasLabels
    bytes = body[range]
    writtenAttempts = attempts
  }
}

// MARK: - Reading

extension LinkItem {
  /// What is to be labelled.
  public var subject: String { string(Field.subject) }
  public var text: String { string(Field.text) }

  /// Whether this message opened its ticket.
  public var opensTicket: Bool {
    var found = false
    visit { reader, tag, _ in
      if tag == .varint(Field.opensTicket) { found = try reader.varint() != 0 } else { try reader.skip(tag) }
    }
    return found
  }

  /// W3C trace context; empty if there is none.
  public var traceparent: String { string(Field.traceparent) }

  /// Everything that it says.
  public var content: Content {
    var content = Content()
    visit { reader, tag, buffer in
      switch tag {
      case .bytes(Field.ticketID):
        content.ticketID = ItemID(bytes: buffer[try reader.bytes()])
      case .bytes(Field.channel): content.channel = buffer.string(try reader.bytes())
      case .bytes(Field.customer): content.customer = buffer.string(try reader.bytes())
      case .bytes(Field.text): content.text = buffer.string(try reader.bytes())
      case .varint(Field.receivedAtUs): content.receivedAtUs = try reader.zigZag()
      case .bytes(Field.traceparent): content.traceparent = buffer.string(try reader.bytes())
      case .varint(Field.opensTicket): content.opensTicket = try reader.varint() != 0
      case .bytes(Field.tier): content.tier = buffer.string(try reader.bytes())
      case .bytes(Field.subject): content.subject = buffer.string(try reader.bytes())
      case .bytes(Field.productLine): content.productLine = buffer.string(try reader.bytes())
      case .bytes(Field.labels):
        var labels = content.labels ?? LinkLabels()
        try labels.merge(buffer, in: reader.bytes())
        content.labels = labels
      default: try reader.skip(tag)
      }
    }
    return content
  }

  private func string(_ field: UInt32) -> String {
    var found = ""
    visit { reader, tag, buffer in
      if tag == .bytes(field) { found = buffer.string(try reader.bytes()) } else { try reader.skip(tag) }
    }
    return found
  }

  /// Calls `body` before the value of each field, which it reads or skips.
  private func visit(
    _ body: (inout ProtobufReader, ProtobufReader.Tag, UnsafeBufferPointer<UInt8>) throws -> Void
  ) {
    bytes.withUnsafeBufferPointer { buffer in
      var reader = ProtobufReader(buffer)
      // Whoever made the item has checked its bytes, so this ends at their end.
      while let tag = try? reader.next() {
        do { try body(&reader, tag, buffer) } catch { return }
      }
    }
  }
}
