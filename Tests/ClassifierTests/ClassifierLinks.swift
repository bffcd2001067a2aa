import DeskCore
import Messaging
import Wire
import ZeroMQ

@testable import Classifier

/// A classifier's links: an intake's source before it and a router's sink behind it.
struct ClassifierLinks {
  /// The source of an intake.
  let intake: WorkSource
  /// The classifier's ends.
  let sink: WorkSink
  let source: WorkSource
  /// The sink of a router, which is not connected yet.
  let router: WorkSink
  private let sourcePeer: LinkPeer

  /// - Parameters:
  ///   - room: items that the classifier's own link holds.
  ///   - itemAge: the age at which they expire there.
  static func with(
    room: Int = 100, itemAge: Duration = .seconds(120), _ body: (ClassifierLinks) async throws -> Void
  ) async throws {
    let thread = ZeroMQThread(context: try ZeroMQContext())
    // Longer than any stall of a busy machine: nothing is lost or expires unless a test wants it.
    let patience: Duration = .seconds(120)
    var options = WorkSource.Options()
    (options.silenceLimit, options.itemAge) = (patience, patience)
    let intake = try WorkSource(on: thread, identity: identity("intake"), security: .none, options: options)
    (options.items, options.itemAge) = (room, itemAge)
    let source = try WorkSource(on: thread, identity: identity("classifier"), security: .none, options: options)
    let links = ClassifierLinks(
      intake: intake,
      sink: WorkSink(on: thread, identity: identity("classifier"), keys: nil, silenceLimit: patience), source: source,
      router: WorkSink(on: thread, identity: identity("router"), keys: nil, silenceLimit: patience),
      sourcePeer: LinkPeer(
        instanceID: "classifier", endpoint: try await source.bind(to: "tcp://127.0.0.1:*"), serverPublicKey: nil))
    let intakePeer = LinkPeer(
      instanceID: "intake", endpoint: try await intake.bind(to: "tcp://127.0.0.1:*"), serverPublicKey: nil)
    await links.sink.update(peers: [intakePeer])
    let result: Result<Void, any Error>
    do {
      try await body(links)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    for end in [links.sink, links.router] { await end.close() }
    for end in [intake, source] { await end.close() }
    await thread.stop()
    try result.get()
  }

  private static func identity(_ service: String) -> LinkIdentity {
    LinkIdentity(service: service, instanceID: service, build: "test")
  }

  /// Items with texts of either category.
  static func items(_ ids: [ItemID]) -> [LinkItem] {
    ids.enumerated().map { number, id in
      var content = LinkItem.Content()
      content.ticketID = id
      content.text = number.isMultiple(of: 2) ? "please refund" : "where is the parcel"
      return LinkItem(id, content)
    }
  }

  static func ids(_ count: Int) -> [ItemID] { (1...count).map { ItemID(high: 7, low: UInt64($0)) } }

  /// Connects the router, which finishes what it gets.
  /// - Returns: everything that it got, once that are so many items.
  func items(reachingTheRouter count: Int) async -> [LinkItem] {
    await router.update(peers: [sourcePeer])
    var received: [LinkItem] = []
    for await batch in router.batches {
      received += batch
      await router.done(batch.map(\.id))
      if received.count >= count { break }
    }
    return received
  }

  /// Waits until intake knows that so many items are done.
  func done(_ count: Int) async -> Set<ItemID> {
    var done: Set<ItemID> = []
    for await outcomes in intake.outcomes {
      done.formUnion(outcomes.done)
      if done.count >= count { break }
    }
    return done
  }
}
