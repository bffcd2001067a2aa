import SwiftProtobuf
import TestKit
import Testing
import Wire
import ZeroMQ

@testable import Messaging

/// Sources and sinks over real sockets, each in its own simulated process: context, thread and keys.
@Suite(.timeLimit(.minutes(3))) struct LinkTests {
  /// An upstream process that admits every worker whose key is on the list.
  private struct Upstream {
    let process: TestProcess
    let source: WorkSource
    let authenticator: ZAPAuthenticator
    let peer: LinkPeer
    let outcomes = Collector<WorkOutcome>()
    private let consumer: Task<Void, Never>

    init(
      _ instanceID: String = "up", options: WorkSource.Options = .patient,
      allows: @escaping @Sendable (CurvePublicKey) async -> Bool = { _ in true }
    ) async throws {
      process = try TestProcess()
      authenticator = try await ZAPAuthenticator(on: process.owner) { request in
        guard let key = request.publicKey, await allows(key) else { return nil }
        return UserID(key.z85)
      }
      source = try WorkSource(
        on: process.owner, identity: identity(instanceID), security: process.security, options: options)
      peer = process.peer(instanceID, at: try await source.bind(to: "tcp://127.0.0.1:*"))
      consumer = Task { [source, outcomes] in
        for await batch in source.outcomes { await outcomes.add(batch) }
      }
    }

    func stop() async {
      await source.close()
      await authenticator.close()
      await consumer.value
      await process.owner.stop()
    }
  }

  /// A worker process; `handle` is its service.
  private struct Worker {
    let process: TestProcess
    let sink: WorkSink
    let received = Collector<ItemID>()
    private let consumer: Task<Void, Never>

    init(
      _ instanceID: String, window: Int = MessagingBounds.creditWindow,
      handle: @escaping @Sendable ([ItemID], WorkSink) async -> Void
    ) throws {
      process = try TestProcess()
      sink = WorkSink(
        on: process.owner, identity: identity(instanceID), keys: process.keys, creditWindow: window,
        silenceLimit: .patience)
      consumer = Task { [sink, received] in
        for await batch in sink.batches {
          let ids = batch.map(\.id)
          await received.add(ids)
          await handle(ids, sink)
        }
      }
    }

    func stop() async {
      await sink.close()
      await consumer.value
      await process.owner.stop()
    }
  }

  private static let finishing: @Sendable ([ItemID], WorkSink) async -> Void = { ids, sink in await sink.done(ids) }
  private static let keeping: @Sendable ([ItemID], WorkSink) async -> Void = { _, _ in }

  private func offerAll(_ items: [LinkItem], to source: WorkSource) async throws {
    var rest = items[...]
    try await eventually("room for all items") {
      rest = rest.dropFirst(await source.offer(Array(rest)))
      return rest.isEmpty
    }
  }

  @Test func everyItemIsProcessedOnceByOneWorker() async throws {
    let upstream = try await Upstream()
    let workers = try (0..<3).map { try Worker("w\($0)", handle: Self.finishing) }
    for worker in workers { await worker.sink.update(peers: [upstream.peer]) }
    try await eventually { await upstream.source.snapshot().workers.count == 3 }
    try await offerAll(items(0..<5000), to: upstream.source)
    await upstream.outcomes.wait(for: 5000)
    #expect(await upstream.outcomes.values.done.count == 5000)
    #expect(Set(await upstream.outcomes.values.map(\.id)).count == 5000)
    let snapshot = await upstream.source.snapshot()
    #expect(snapshot.redeliveredTotal == 0 && snapshot.lateDoneTotal == 0)
    for worker in workers {
      #expect(await !worker.received.values.isEmpty)
      await worker.stop()
    }
    await upstream.stop()
  }

  @Test func aStuckWorkerHoldsAtMostItsCredit() async throws {
    let upstream = try await Upstream()
    let stuck = try Worker("stuck", window: 10, handle: Self.keeping)
    let quick = try Worker("quick", handle: Self.finishing)
    for worker in [stuck, quick] { await worker.sink.update(peers: [upstream.peer]) }
    try await eventually { await upstream.source.snapshot().workers.count == 2 }
    try await offerAll(items(0..<4000), to: upstream.source)
    await upstream.outcomes.wait(for: 3990)
    await stuck.received.wait(for: 10)
    let held = await upstream.source.snapshot().workers.first { $0.instanceID == "stuck" }?.heldCount
    #expect(held == 10)
    #expect(await stuck.received.values.count == 10)
    #expect(await upstream.outcomes.values.done.count == 3990)
    await stuck.sink.done(await stuck.received.values)
    await upstream.outcomes.wait(for: 4000)
    for worker in [stuck, quick] { await worker.stop() }
    await upstream.stop()
  }

  @Test func itemsOfADeadWorkerGoToAnother() async throws {
    let upstream = try await Upstream(options: .mourning)
    let dying = try Worker("dying", window: 100, handle: Self.keeping)
    await dying.sink.update(peers: [upstream.peer])
    try await eventually { await upstream.source.snapshot().credit == 100 }
    try await offerAll(items(0..<300), to: upstream.source)
    await dying.received.wait(for: 100)
    await dying.stop()
    let living = try Worker("living", handle: Self.finishing)
    await living.sink.update(peers: [upstream.peer])
    await upstream.outcomes.wait(for: 300)
    #expect(Set(await upstream.outcomes.values.done) == Set(ids(0..<300)))
    #expect(await upstream.source.snapshot().redeliveredTotal == 100)
    #expect(await upstream.source.snapshot().lostWorkersTotal == 1)
    await living.stop()
    await upstream.stop()
  }

  @Test func drainingFinishesStartedItemsAndReturnsTheRest() async throws {
    let upstream = try await Upstream()
    let leaving = try Worker("leaving", window: 50, handle: Self.keeping)
    await leaving.sink.update(peers: [upstream.peer])
    try await eventually { await upstream.source.snapshot().credit == 50 }
    try await offerAll(items(0..<50), to: upstream.source)
    await leaving.received.wait(for: 50)
    await leaving.sink.done(ids(0..<20))
    await leaving.sink.drain(within: .milliseconds(50))
    #expect(await upstream.outcomes.values.done.count == 20)
    #expect(await upstream.source.snapshot().workers.isEmpty)
    #expect(await upstream.source.snapshot().waitingCount == 30)
    let other = try Worker("other", handle: Self.finishing)
    await other.sink.update(peers: [upstream.peer])
    await upstream.outcomes.wait(for: 50)
    #expect(await upstream.source.snapshot().lostWorkersTotal == 0)
    for worker in [leaving, other] { await worker.stop() }
    await upstream.stop()
  }

  @Test func drainingWaitsForTheServiceAndThenEndsItsSequence() async throws {
    let upstream = try await Upstream()
    let worker = try Worker("worker", handle: Self.keeping)
    await worker.sink.update(peers: [upstream.peer])
    try await eventually { await upstream.source.snapshot().credit > 0 }
    try await offerAll(items(0..<30), to: upstream.source)
    await worker.received.wait(for: 30)
    async let drained: Void = worker.sink.drain(within: .seconds(30))
    try await eventually { await upstream.source.snapshot().credit == 0 }
    try await offerAll(items(30..<31), to: upstream.source)
    await worker.sink.done(ids(0..<30))
    await drained
    #expect(await upstream.outcomes.values.done.count == 30)
    #expect(await upstream.source.snapshot().waitingCount == 1)
    await worker.stop()
    await upstream.stop()
  }

  @Test func aRefusedItemIsReportedAfterThreeAttempts() async throws {
    let upstream = try await Upstream()
    let worker = try Worker("worker") { ids, sink in
      await sink.refuse(ids.filter { $0 == id(7) }, reason: "unreadable")
      await sink.done(ids.filter { $0 != id(7) })
    }
    await worker.sink.update(peers: [upstream.peer])
    try await offerAll(items(0..<20), to: upstream.source)
    await upstream.outcomes.wait(for: 20)
    let failed = await Array(upstream.outcomes.values).failed
    #expect(failed.map(\.id) == [id(7)] && failed.map(\.reason) == ["unreadable"])
    #expect(await worker.received.values.count { $0 == id(7) } == 3)
    await worker.stop()
    await upstream.stop()
  }

  @Test func expiredItemsAreReportedAndDropped() async throws {
    var options = WorkSource.Options.patient
    options.itemAge = .milliseconds(200)
    let upstream = try await Upstream(options: options)
    try await offerAll(items(0..<10), to: upstream.source)
    await upstream.outcomes.wait(for: 10)
    #expect(await upstream.outcomes.values.expired == ids(0..<10))
    #expect(await upstream.source.snapshot().waitingCount == 0)
    await upstream.stop()
  }

  @Test func unlistedKeysGetNoWorkUntilListed() async throws {
    let allowed = Collector<CurvePublicKey>()
    let asked = Collector<CurvePublicKey>()
    let upstream = try await Upstream(allows: { key in
      await asked.add([key])
      return await allowed.values.contains(key)
    })
    let worker = try Worker("worker", handle: Self.finishing)
    await worker.sink.update(peers: [upstream.peer])
    try await offerAll(items(0..<10), to: upstream.source)
    await asked.wait(for: 1)
    try await eventually { await upstream.authenticator.refusedCount > 0 }
    #expect(await upstream.source.snapshot().workers.isEmpty)
    #expect(await worker.received.values.isEmpty)
    await allowed.add([worker.process.keys.publicKey])
    await upstream.outcomes.wait(for: 10)
    await worker.stop()
    await upstream.stop()
  }

  @Test func aServerWithAnotherKeyIsNotTrusted() async throws {
    let upstream = try await Upstream()
    let stranger = try CurveKeyPair.generate()
    let deceived = LinkPeer(
      instanceID: "up", endpoint: upstream.peer.endpoint, serverPublicKey: stranger.publicKey)
    let worker = try Worker("worker", handle: Self.finishing)
    let honest = try Worker("honest", handle: Self.finishing)
    await worker.sink.update(peers: [deceived])
    await honest.sink.update(peers: [upstream.peer])
    try await offerAll(items(0..<10), to: upstream.source)
    await upstream.outcomes.wait(for: 10)
    #expect(await worker.received.values.isEmpty)
    #expect(await upstream.source.snapshot().workers.map(\.instanceID) == ["honest"])
    for worker in [worker, honest] { await worker.stop() }
    await upstream.stop()
  }

  @Test func aRestartedUpstreamIsServedAgain() async throws {
    let before = try await Upstream("before")
    let worker = try Worker("worker", handle: Self.finishing)
    await worker.sink.update(peers: [before.peer])
    try await offerAll(items(0..<10), to: before.source)
    await before.outcomes.wait(for: 10)
    await before.stop()
    let after = try await Upstream("after")
    await worker.sink.update(peers: [after.peer])
    try await offerAll(items(10..<20), to: after.source)
    await after.outcomes.wait(for: 10)
    #expect(await worker.received.values == ids(0..<20))
    await worker.stop()
    await after.stop()
  }

  @Test func workComesFromEveryUpstreamInstance() async throws {
    let upstreams = [try await Upstream("a"), try await Upstream("b"), try await Upstream("c")]
    let worker = try Worker("worker", window: 30, handle: Self.finishing)
    // One after the other, so that the first has all the credit and must give it back.
    for count in 1...3 {
      await worker.sink.update(peers: upstreams.prefix(count).map(\.peer))
      try await eventually { await worker.sink.snapshot().readyUpstreamCount == count }
    }
    for (number, upstream) in upstreams.enumerated() {
      try await offerAll(items(number * 1000..<number * 1000 + 500), to: upstream.source)
    }
    for upstream in upstreams {
      await upstream.outcomes.wait(for: 500)
      #expect(await upstream.outcomes.values.done.count == 500)
    }
    await worker.stop()
    for upstream in upstreams { await upstream.stop() }
  }

  @Test func theFirstStageCompletesOnlyAfterTheLast() async throws {
    let first = try await Upstream("first")
    let middle = try await Upstream("middle")
    let passing = try Worker("passing", handle: Self.keeping)
    let last = try Worker("last", handle: Self.keeping)
    let forward = Task { [source = middle.source] in
      var passed = 0
      while passed < 100 {
        await passing.received.wait(for: passed + 1)
        let ids = await passing.received.values.dropFirst(passed)
        passed += ids.count
        _ = await source.offer(ids.map { LinkItem($0, LinkItem.Content()) })
      }
    }
    await passing.sink.update(peers: [first.peer])
    await last.sink.update(peers: [middle.peer])
    try await offerAll(items(0..<100), to: first.source)
    await last.received.wait(for: 100)
    await forward.value
    #expect(await first.outcomes.values.isEmpty)
    await last.sink.done(ids(0..<60))
    await middle.outcomes.wait(for: 60)
    #expect(await first.outcomes.values.isEmpty)
    await passing.sink.done(await middle.outcomes.values.done)
    await first.outcomes.wait(for: 60)
    #expect(Set(await first.outcomes.values.done) == Set(ids(0..<60)))
    for worker in [passing, last] { await worker.stop() }
    for upstream in [first, middle] { await upstream.stop() }
  }

  @Test func anUnboundSourceEndsItsSequence() async throws {
    let process = try TestProcess()
    let source = try WorkSource(on: process.owner, identity: identity("up"), security: process.security)
    let consumer = Task { for await _ in source.outcomes {} }
    #expect(await source.offer(items(0..<1)) == 0)
    await source.close()
    await consumer.value
    await process.owner.stop()
  }

  @Test func offersBeyondTheLimitReturnToTheCaller() async throws {
    var options = WorkSource.Options.patient
    options.items = 100
    let upstream = try await Upstream(options: options)
    #expect(await upstream.source.offer(items(0..<150)) == 100)
    #expect(await upstream.source.offer(items(150..<151)) == 0)
    let worker = try Worker("worker", handle: Self.finishing)
    await worker.sink.update(peers: [upstream.peer])
    await upstream.outcomes.wait(for: 100)
    try await offerAll(items(150..<151), to: upstream.source)
    await upstream.outcomes.wait(for: 101)
    await worker.stop()
    await upstream.stop()
  }
}
