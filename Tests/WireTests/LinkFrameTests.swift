import DeskCore
import Foundation
import SwiftProtobuf
import Testing

@testable import Wire

@Suite struct LinkFrameTests {
  private static let ids = (0..<5).map { ItemID(high: UInt64($0) &* 0x9E37_79B9_7F4A_7C15, low: UInt64($0)) }

  private static let content = {
    var content = LinkItem.Content()
    content.ticketID = ids[2]
    content.channel = "web"
    content.customer = "客户-7"
    content.text = "我的包裹在哪里？"
    content.receivedAtUs = 1_700_000_000_000_000
    content.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    var labels = LinkLabels()
    labels.category = "logistics"
    labels.confidence = 0.5
    labels.sentiment = -1
    labels.guesses = [.init("refund", probability: 0)]
    content.labels = labels
    return content
  }()

  private static let item = LinkItem(ids[1], content)

  @Test(arguments: [
    LinkFrame.hello(.with { $0.instanceID = "a" }), .credit(512), .work([item, item]), .done(ids),
    .nack(ids, reason: "full"), .heartbeat(held: 3), .drain, .bye(reason: "closing"),
  ])
  func roundTrips(frame: LinkFrame) throws {
    let envelope = try frame.envelope(batchID: 7)
    #expect(try LinkFrame(frames: envelope.frames) == frame)
  }

  @Test func workCarriesTheTraceOfItsFirstItem() throws {
    #expect(try LinkFrame.work([Self.item]).envelope(batchID: 1).traceparent == Self.item.traceparent)
    #expect(try LinkFrame.drain.envelope(batchID: 1).traceparent.isEmpty)
  }

  @Test func fieldsOutOfRangeAreNamed() throws {
    func read(_ kind: Envelope.Kind, _ body: [UInt8]) throws(EnvelopeError) -> LinkFrame {
      try LinkFrame(Envelope(kind, batchID: 1, body: body))
    }
    #expect(throws: EnvelopeError.invalidField(.credit, name: "items")) { try read(.credit, []) }
    #expect(throws: EnvelopeError.invalidField(.work, name: "items")) { try read(.work, []) }
    #expect(throws: EnvelopeError.invalidField(.hello, name: "instance_id")) { try read(.hello, []) }
    #expect(throws: EnvelopeError.invalidField(.done, name: "ids")) { try read(.done, []) }
    let short = try [UInt8](WireCompletion.with { $0.ids = [Data([1, 2])] }.serializedBytes() as [UInt8])
    #expect(throws: EnvelopeError.invalidField(.done, name: "ids")) { try read(.done, short) }
    let nameless = try WireWorkBatch.with { $0.items = [WireWorkItem()] }.serializedBytes() as [UInt8]
    let many = [LinkItem](repeating: Self.item, count: WireBounds.itemsPerWork + 1)
    #expect(throws: EnvelopeError.invalidField(.work, name: "items")) { try read(.work, LinkItem.encoded(many)) }
    #expect(try read(.work, LinkItem.encoded(many.dropLast())) == .work(many.dropLast()))
    #expect(throws: EnvelopeError.invalidField(.work, name: "message_id")) { try read(.work, nameless) }
    #expect(throws: EnvelopeError.malformedBody(.work)) { try read(.work, [0xFF, 0xFF, 0xFF]) }
  }

  @Test(
    "numbers that later arithmetic cannot handle are rejected on input",
    arguments: [
      (.min, 0.5, "received_at_us"), (-1, 0.5, "received_at_us"), (.max, 0.5, "received_at_us"), (0, .nan, "labels"),
      (0, .infinity, "labels"),
    ] as [(Int64, Float, String)])
  func numbersOutOfRangeAreNamed(receivedAt: Int64, share: Float, field: String) throws {
    func frame(_ change: (inout LinkLabels) -> Void) throws -> [[UInt8]] {
      var content = Self.content
      content.receivedAtUs = receivedAt
      var labels = LinkLabels()
      change(&labels)
      content.labels = labels
      return try LinkFrame.work([LinkItem(Self.ids[0], content)]).envelope(batchID: 1).frames
    }
    let frames = [
      try frame { $0.confidence = share }, try frame { $0.articleCoverages = [share] },
      try frame { $0.guesses = [.init("", probability: share)] },
    ]
    for frames in frames {
      #expect(throws: EnvelopeError.invalidField(.work, name: field)) { try LinkFrame(frames: frames) }
    }
  }

  @Test func oversizedFramesAreNotSent() {
    var content = LinkItem.Content()
    content.text = String(repeating: "x", count: WireBounds.workBodyBytes)
    let item = LinkItem(Self.ids[0], content)
    #expect(throws: EnvelopeError.self) { try LinkFrame.work([item]).envelope(batchID: 1) }
  }

  /// Random frames, and valid messages with bytes changed, cut or doubled: each is parsed or rejected, none crashes.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func randomBytesAreReadOrRefused(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let samples = try [LinkFrame.work([Self.item, Self.item]), .done(Self.ids), .nack(Self.ids, reason: "x")]
      .map { try $0.envelope(batchID: 1).frames }
    var readCount = 0
    var refusedCount = 0
    for _ in 0..<20_000 {
      var frames = samples[Int.random(in: 0..<samples.count, using: &random)]
      for _ in 0..<Int.random(in: 0...3, using: &random) { Self.damage(&frames, &random) }
      if (try? LinkFrame(frames: frames)) != nil { readCount += 1 } else { refusedCount += 1 }
    }
    #expect(readCount > 1000 && refusedCount > 1000)
  }

  private static func damage(_ frames: inout [[UInt8]], _ random: inout SeededGenerator) {
    guard let index = frames.indices.randomElement(using: &random) else { return }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: frames.remove(at: index)
    case 1: frames.insert(frames[index], at: index)
    case 2:
      let count = Int.random(in: 0..<64, using: &random)
      frames[index] = (0..<count).map { _ in .random(in: 0...255, using: &random) }
    case 3: frames[index] = Array(frames[index].prefix(Int.random(in: 0...frames[index].count, using: &random)))
    default:
      guard let position = frames[index].indices.randomElement(using: &random) else { return }
      frames[index][position] = .random(in: 0...255, using: &random)
    }
  }
}
