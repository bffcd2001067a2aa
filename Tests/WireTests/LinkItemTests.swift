import DeskCore
import Foundation
import SwiftProtobuf
import Testing

@testable import Wire

/// Items are read and written by hand; what generated code reads and writes is the standard that they keep.
@Suite struct LinkItemTests {
  private static let id = ItemID(high: 0x0192_AAAA_BBBB_7CCC, low: 0x8000_0000_0000_0007)
  private static let ticket = ItemID(high: 3, low: 4)

  private static func data(_ id: ItemID) -> Data {
    var data = Data()
    for word in [id.high, id.low] { withUnsafeBytes(of: word.bigEndian) { data.append(contentsOf: $0) } }
    return data
  }

  private static let labels = {
    var labels = LinkLabels()
    labels.category = "logistics"
    labels.intent = "late"
    labels.confidence = 0.75
    labels.urgency = 2
    labels.sentiment = -1
    labels.language = "zh-Hans"
    labels.modelVersion = "m1"
    labels.guesses = [
      .init("logistics/late", probability: 0.75), .init("", probability: 0), .init("x", probability: -0.0),
    ]
    labels.articleIDs = ["parcel-late", "", "refund"]
    labels.articleCoverages = [0.5, 0, 0.25]
    return labels
  }()

  private static let content = {
    var content = LinkItem.Content()
    content.ticketID = ticket
    content.channel = "web"
    content.customer = "客户-7"
    content.subject = "包裹"
    content.text = String(repeating: "我的包裹在哪里？ 📦 ", count: 20)
    content.receivedAtUs = 1_700_000_000_000_000
    content.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    content.opensTicket = true
    content.tier = "premium"
    content.productLine = "phones"
    return content
  }()

  private static var whole: LinkItem.Content {
    var content = content
    content.labels = labels
    return content
  }

  /// An item as generated code writes it.
  private static let generated = WireWorkItem.with {
    $0.messageID = data(id)
    $0.ticketID = data(ticket)
    $0.channel = content.channel
    $0.customer = content.customer
    $0.subject = content.subject
    $0.text = content.text
    $0.receivedAtUs = content.receivedAtUs
    $0.traceparent = content.traceparent
    $0.opensTicket = true
    $0.tier = content.tier
    $0.productLine = content.productLine
    $0.attempts = 2
    $0.labels = .with {
      $0.category = labels.category
      $0.intent = labels.intent
      $0.confidence = labels.confidence
      $0.urgency = labels.urgency
      $0.sentiment = labels.sentiment
      $0.language = labels.language
      $0.modelVersion = labels.modelVersion
      $0.guesses = labels.guesses.map { guess in
        .with {
          $0.category = guess.category
          $0.probability = guess.probability
        }
      }
      $0.articleIds = labels.articleIDs
      $0.articleCoverages = labels.articleCoverages
    }
  }

  private static func body(_ items: WireWorkItem...) throws -> [UInt8] {
    try WireWorkBatch.with { $0.items = items }.serializedBytes()
  }

  private static func byGeneratedCode(_ items: [LinkItem]) throws -> [WireWorkItem] {
    try WireWorkBatch(serializedBytes: LinkItem.encoded(items)).items
  }

  // MARK: The standard

  @Test func generatedCodeReadsWhatIsWritten() throws {
    #expect(try Self.byGeneratedCode([LinkItem(Self.id, attempts: 2, Self.whole)]) == [Self.generated])
    let empty = LinkItem(Self.id, LinkItem.Content())
    #expect(try Self.byGeneratedCode([empty]) == [.with { $0.messageID = Self.data(Self.id) }])
  }

  @Test func whatGeneratedCodeWritesIsRead() throws {
    let item = try #require(LinkItem.items(of: Self.body(Self.generated)).first)
    #expect(item.id == Self.id && item.attempts == 2 && item.hasLabels)
    #expect(item.content == Self.whole)
    #expect(item.subject == Self.content.subject && item.text == Self.content.text)
    #expect(item.opensTicket && item.traceparent == Self.content.traceparent)
    let empty = try LinkItem.items(of: Self.body(.with { $0.messageID = Self.data(Self.id) }))
    #expect(empty.map(\.content) == [LinkItem.Content()])
    #expect(empty.map(\.hasLabels) == [false])
  }

  @Test func labelsAreAppended() throws {
    let bare = LinkItem(Self.id, attempts: 2, Self.content)
    #expect(try Self.byGeneratedCode([bare.labelled(Self.labels)]) == [Self.generated])
    #expect(bare.labelled(Self.labels).content == Self.whole)
    #expect(bare.labelled(Self.labels).hasLabels && !bare.hasLabels)
  }

  @Test func newLabelsReplaceTheOld() throws {
    var others = Self.labels
    others.guesses = [.init("other", probability: 1)]
    others.articleIDs = []
    others.articleCoverages = []
    let twice = LinkItem(Self.id, Self.content).labelled(Self.labels).labelled(others)
    #expect(twice.content.labels == others)
    #expect(try Self.byGeneratedCode([twice]).first?.labels.guesses.count == 1)
  }

  @Test(arguments: [0, 1, 7, UInt32.max]) func attemptsAreCorrectedOnTheWay(attempts: UInt32) throws {
    var item = LinkItem(Self.id, attempts: 5, Self.whole)
    item.attempts = attempts
    #expect(try Self.byGeneratedCode([item, item]).map(\.attempts) == [attempts, attempts])
    let read = try LinkItem.items(of: LinkItem.encoded([item]))
    #expect(read.map(\.attempts) == [attempts])
    #expect(read.map(\.content) == [Self.whole])
  }

  @Test func theLastOccurrenceOfAFieldCounts() throws {
    let second = WireWorkItem.with {
      $0.text = "second"
      $0.attempts = 9
      $0.labels = .with {
        $0.category = "other"
        $0.articleIds = ["more"]
        $0.articleCoverages = [1]
      }
    }
    var bytes: [UInt8] = try Self.generated.serializedBytes()
    bytes += try second.serializedBytes() as [UInt8]
    let oracle = try WireWorkItem(serializedBytes: bytes)
    let item = try #require(LinkItem.items(of: Self.batch([bytes])).first)
    #expect(item.text == "second" && item.attempts == 9)
    #expect(item.content.labels?.category == "other")
    #expect(item.content.labels?.articleIDs == oracle.labels.articleIds)
    #expect(item.content.labels?.articleCoverages == oracle.labels.articleCoverages)
    #expect(item.content.labels?.guesses.count == oracle.labels.guesses.count)
  }

  /// A later build's fields, of every wire type, reach the next stage.
  @Test func unknownFieldsPassThrough() throws {
    let unknown: [UInt8] = [
      0xA0, 0x06, 0xFF, 0x01, 0xA9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xB2, 0x06, 3, 1, 2, 3,
      0xBB, 0x06, 0x08, 1, 0x0B, 0x10, 5, 0x0C, 0xBC, 0x06, 0xC5, 0x06, 1, 2, 3, 4,
    ]
    var bytes: [UInt8] = try Self.generated.serializedBytes()
    bytes += unknown
    let item = try #require(LinkItem.items(of: Self.batch([bytes])).first)
    #expect(item.content == Self.whole)
    for item in [item, item.labelled(LinkLabels())] {
      let oracle = try #require(Self.byGeneratedCode([item]).first)
      #expect([UInt8](oracle.unknownFields.data) == unknown)
    }
  }

  private static func batch(_ items: [[UInt8]]) -> [UInt8] {
    var writer = ProtobufWriter(capacity: 0)
    for item in items { writer.always(1, encoded: item) }
    return writer.bytes
  }

  // MARK: Hostile bytes

  @Test func groupsAreBounded() {
    func item(groups: Int) -> [UInt8] {
      let open = [UInt8](repeatElement([0x9B, 0x06], count: groups).joined())
      let close = [UInt8](repeatElement([0x9C, 0x06], count: groups).joined())
      let id: [UInt8] = [0x0A, 16] + Self.data(Self.id)
      return Self.batch([id + open + close])
    }
    #expect((try? LinkItem.items(of: item(groups: WireBounds.nestedGroups)))?.count == 1)
    #expect(throws: EnvelopeError.malformedBody(.work)) {
      try LinkItem.items(of: item(groups: WireBounds.nestedGroups + 1))
    }
  }

  /// What generated code makes of a body; nil if it is not a batch that this system accepts.
  private static func oracle(_ body: [UInt8]) -> [WireWorkItem]? {
    guard let items = try? WireWorkBatch(serializedBytes: body).items,
      (1...WireBounds.itemsPerWork).contains(items.count)
    else { return nil }
    let areFine = items.allSatisfy { item in
      guard item.messageID.count == 16, WireBounds.receivedAtMicroseconds.contains(item.receivedAtUs) else {
        return false
      }
      let numbers = [item.labels.confidence] + item.labels.guesses.map(\.probability) + item.labels.articleCoverages
      return numbers.allSatisfy(\.isFinite)
    }
    return areFine ? items : nil
  }

  private static func agrees(_ body: [UInt8]) -> Bool {
    let items = try? LinkItem.items(of: body)
    guard let oracle = oracle(body) else { return items == nil }
    guard let items, items.count == oracle.count else { return false }
    return zip(items, oracle).allSatisfy { agrees($0, $1) }
  }

  private static func agrees(_ item: LinkItem, _ oracle: WireWorkItem) -> Bool {
    guard data(item.id) == oracle.messageID, item.attempts == oracle.attempts, item.hasLabels == oracle.hasLabels else {
      return false
    }
    let content = item.content
    let ticket = oracle.ticketID.count == ItemID.byteCount ? oracle.ticketID : nil
    guard content.ticketID.map(data) == ticket, content.receivedAtUs == oracle.receivedAtUs else { return false }
    guard content.opensTicket == oracle.opensTicket, (content.labels != nil) == oracle.hasLabels else { return false }
    let read = [
      content.channel, content.customer, content.subject, content.text, content.traceparent, content.tier,
      content.productLine,
    ]
    let expected = [
      oracle.channel, oracle.customer, oracle.subject, oracle.text, oracle.traceparent, oracle.tier, oracle.productLine,
    ]
    return isSame(read, expected) && agrees(content.labels ?? LinkLabels(), oracle.labels)
  }

  private static func agrees(_ labels: LinkLabels, _ oracle: WireLabels) -> Bool {
    let read = [labels.category, labels.intent, labels.language, labels.modelVersion]
    let expected = [oracle.category, oracle.intent, oracle.language, oracle.modelVersion]
    guard isSame(read + labels.articleIDs, expected + oracle.articleIds) else { return false }
    guard isSame(labels.guesses.map(\.category), oracle.guesses.map(\.category)) else { return false }
    guard labels.guesses.map(\.probability) == oracle.guesses.map(\.probability) else { return false }
    guard labels.confidence == oracle.confidence, labels.articleCoverages == oracle.articleCoverages else {
      return false
    }
    return labels.urgency == oracle.urgency && labels.sentiment == oracle.sentiment
  }

  private static func isSame(_ texts: [String], _ others: [String]) -> Bool {
    texts.elementsEqual(others) { $0.hasSameBytes(as: $1) }
  }

  @Test func cutBodiesAreReadAsGeneratedCodeReadsThem() throws {
    let body = try Self.body(Self.generated)
    for count in 0...body.count { #expect(Self.agrees(Array(body.prefix(count))), "\(count)") }
    let item = try Self.generated.serializedBytes() as [UInt8]
    for count in 0...item.count { #expect(Self.agrees(Self.batch([Array(item.prefix(count))])), "\(count)") }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func damagedBodiesAreReadAsGeneratedCodeReadsThem(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let small = WireWorkItem.with {
      $0.messageID = Self.data(Self.id)
      $0.text = "é"
      $0.labels = .with {
        $0.confidence = 0.5
        $0.guesses = [.with { $0.probability = 0.5 }]
        $0.articleCoverages = [0.5]
      }
    }
    let samples = [try Self.body(Self.generated), try Self.body(small, small)]
    var readCount = 0
    for _ in 0..<5_000 {
      var body = samples[Int.random(in: 0..<samples.count, using: &random)]
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        guard let place = body.indices.randomElement(using: &random) else { continue }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: body[place] = .random(in: 0...255, using: &random)
        case 1: body[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: body.remove(at: place)
        default: body.insert(body[place], at: place)
        }
      }
      if Self.oracle(body) != nil { readCount += 1 }
      #expect(Self.agrees(body), "\(body)")
    }
    #expect(readCount > 300, "\(readCount)")
  }
}
