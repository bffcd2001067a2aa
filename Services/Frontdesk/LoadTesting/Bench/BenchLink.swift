import CommandLineTool
import DeskCore
import Foundation
import Logging
import Messaging
import ServiceProcess
import Store
import SystemPrimitives
import Wire
import ZeroMQ

/// Replaces a stage among the processes of a desk, so that the adjacent stages can be measured alone, over the links that they use
/// in production.
struct BenchLink: Sendable {
  let member: FleetMember
  let store: DeskStore

  /// Joins the desk as a process of `service` for the duration of `body`.
  static func with<Result: Sendable>(
    service: String, store: DeskStore, _ body: @Sendable (BenchLink) async throws -> Result
  ) async throws -> Result {
    let zeroMQ = ZeroMQThread(context: try ZeroMQContext())
    var random = SystemRandom()
    let clock = try await DatabaseClock(asking: store)
    let joined: FleetMember
    do {
      joined = try await FleetMember.join(
        service: service, instance: InstanceID(at: clock.now(), using: &random), host: ProcessInfo.processInfo.hostName,
        processID: ProcessInfo.processInfo.processIdentifier, operationsEndpoint: nil, store: store,
        clock: clock, on: zeroMQ, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    } catch {
      await zeroMQ.stop()
      throw error
    }
    let outcome = await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await joined.fleet.run() }
      let outcome: Swift.Result<Result, any Error>
      do {
        outcome = .success(try await body(BenchLink(member: joined, store: store)))
      } catch {
        outcome = .failure(error)
      }
      group.cancelAll()
      return outcome
    }
    await joined.leave()
    await zeroMQ.stop()
    return try outcome.get()
  }

  /// Sends items to the workers of the next stage, as many at once as they accept, until all are done.
  /// - Returns: items per second, from the first to the last.
  /// - Throws: `CommandFailure` when workers refused some or took too long; `CancellationError`.
  func perSecond(of items: [LinkItem]) async throws -> Double {
    let source = try await member.workSource(at: "tcp://127.0.0.1:*", WorkSource.Options())
    try await member.fleet.announce { $0.state = .ready }
    do {
      let rate = try await hand(items, to: source)
      await source.close()
      return rate
    } catch {
      await source.close()
      throw error
    }
  }

  private func hand(_ items: [LinkItem], to source: WorkSource) async throws -> Double {
    let deadline = ContinuousClock.now + BenchBounds.settleTime
    while await source.snapshot().credit == 0 {
      guard ContinuousClock.now < deadline else { throw CommandFailure("no worker connected to the bench") }
      try await Task.sleep(for: BenchBounds.settleInterval)
    }
    let start = ContinuousClock.now
    var offered = 0
    var ended = 0
    var outcomes = source.outcomes.makeAsyncIterator()
    while ended < items.count {
      try Task.checkCancellation()
      let room = min(items.count - offered, BenchBounds.itemsOnLink - (offered - ended))
      if room > 0 { offered += await source.offer(Array(items[offered..<offered + room])) }
      guard let batch = await outcomes.next() else { throw CancellationError() }
      guard batch.done.count == batch.count, ContinuousClock.now < deadline else {
        throw CommandFailure(
          "\(batch.count - batch.done.count) of \(items.count) items were not finished by the workers")
      }
      ended += batch.count
    }
    return Double(items.count) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// Accepts everything from the previous stage and immediately reports it as done, for the duration of `body`.
  func swallowing<Result: Sendable>(
    workOf upstream: String, _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    let sink = member.workSink(creditWindow: BenchBounds.itemsOnLink, batchLimit: MessagingBounds.itemsPerBatch)
    try await member.fleet.announce { $0.state = .ready }
    let outcome = await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await members in await member.fleet.changes() {
          await sink.update(peers: members.filter { $0.service == upstream }.compactMap(\.linkPeer))
        }
      }
      group.addTask {
        for await batch in sink.batches { await sink.done(batch.map(\.id)) }
      }
      let outcome: Swift.Result<Result, any Error>
      do {
        outcome = .success(try await body())
      } catch {
        outcome = .failure(error)
      }
      await sink.close()
      group.cancelAll()
      return outcome
    }
    return try outcome.get()
  }
}
