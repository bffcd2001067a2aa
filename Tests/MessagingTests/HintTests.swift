import TestKit
import Testing
import ZeroMQ

@testable import Messaging

@Suite(.timeLimit(.minutes(3))) struct HintTests {
  private struct Publisher {
    let process: TestProcess
    let authenticator: ZAPAuthenticator
    let publisher: HintPublisher
    let peer: LinkPeer

    init(_ instanceID: String, allows: Bool = true) async throws {
      process = try TestProcess()
      authenticator = try await ZAPAuthenticator(on: process.owner) { _ in allows ? UserID("known") : nil }
      publisher = try HintPublisher(on: process.owner, security: process.security)
      peer = process.peer(instanceID, at: try await publisher.bind(to: "tcp://127.0.0.1:*"))
    }

    func stop() async {
      await publisher.close()
      await authenticator.close()
      await process.owner.stop()
    }
  }

  /// Publishes until a first hint has arrived: connecting takes time, and hints may be lost.
  private func publishUntilReceived(
    _ hint: HintPublisher.Hint, _ publisher: HintPublisher, _ received: Collector<HintPublisher.Hint>
  ) async throws {
    try await eventually {
      publisher.publish([hint])
      return await received.values.contains(hint)
    }
  }

  @Test func hintsFromManyInstancesReachASubscriber() async throws {
    let publishers = [try await Publisher("a"), try await Publisher("b")]
    let process = try TestProcess()
    let subscriber = HintSubscriber(on: process.owner, topics: ["ticket"], keys: process.keys)
    let received = Collector<HintPublisher.Hint>()
    let consumer = Task { for await batch in subscriber.hints { await received.add(batch) } }
    await subscriber.update(peers: publishers.map(\.peer))
    for (number, publisher) in publishers.enumerated() {
      let hint = HintPublisher.Hint(topic: "ticket", key: "queue-\(number)", id: [1, 2, UInt8(number)])
      publisher.publisher.publish([.init(topic: "tickets"), .init(topic: "outbox")])
      try await publishUntilReceived(hint, publisher.publisher, received)
    }
    #expect(await received.values.allSatisfy { $0.topic == "ticket" })
    await subscriber.close()
    await consumer.value
    await process.owner.stop()
    for publisher in publishers { await publisher.stop() }
  }

  @Test func equalHintsAreMerged() async throws {
    let publisher = try await Publisher("a")
    publisher.publisher.publish(Array(repeating: .init(topic: "outbox"), count: 100))
    publisher.publisher.publish(Array(repeating: .init(topic: "outbox", key: "mail"), count: 100))
    await publisher.publisher.close()
    #expect(await publisher.publisher.sentTotal == 2)
    await publisher.stop()
  }

  /// A stream of hints costs its subscribers no more than the flushes that fit into its time.
  @Test func aStreamOfHintsIsSentInFewFlushes() async throws {
    let publisher = try await Publisher("a")
    let began = ContinuousClock.now
    for _ in 0..<20_000 {
      publisher.publisher.publish([.init(topic: "outbox")])
      await Task.yield()
    }
    await publisher.publisher.close()
    let flushes = Int((ContinuousClock.now - began) / MessagingBounds.hintFlushPause)
    let sent = await publisher.publisher.sentTotal
    #expect(1...flushes + 2 ~= sent)
    await publisher.stop()
  }

  /// More than fit into a flush are sent at once, and none is lost that a caller could have.
  @Test func manyDifferentHintsAreSentAtOnce() async throws {
    let publisher = try await Publisher("a")
    let many = (0..<MessagingBounds.hintsAwaitingFlush).map { HintPublisher.Hint(topic: "offer", key: "\($0)") }
    publisher.publisher.publish(many)
    publisher.publisher.publish([.init(topic: "offer", key: "late")])
    await publisher.publisher.close()
    #expect(await publisher.publisher.sentTotal == many.count + 1)
    publisher.publisher.publish(many)
    #expect(await publisher.publisher.sentTotal == many.count + 1)
    await publisher.stop()
  }

  @Test func hintsFromARemovedInstanceAreIgnored() async throws {
    let first = try await Publisher("a")
    let second = try await Publisher("b")
    let process = try TestProcess()
    let subscriber = HintSubscriber(on: process.owner, topics: ["x"], keys: process.keys)
    let received = Collector<HintPublisher.Hint>()
    let consumer = Task { for await batch in subscriber.hints { await received.add(batch) } }
    await subscriber.update(peers: [first.peer])
    try await publishUntilReceived(.init(topic: "x", key: "1"), first.publisher, received)
    await subscriber.update(peers: [second.peer])
    first.publisher.publish([.init(topic: "x", key: "late")])
    try await publishUntilReceived(.init(topic: "x", key: "2"), second.publisher, received)
    #expect(await !received.values.contains(.init(topic: "x", key: "late")))
    await subscriber.close()
    await consumer.value
    await process.owner.stop()
    for publisher in [first, second] { await publisher.stop() }
  }
}
