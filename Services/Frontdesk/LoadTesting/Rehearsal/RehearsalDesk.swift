import CommandLineTool
import DeskCore
import DeskReporting
import DeskSupervisor
import Foundation
import Store

/// A private desk whose routers reach PostgreSQL over a slow line, so that they wait for it and not for the processor.
struct RehearsalDesk: Sendable {
  let folder: String
  let local: LocalDesk
  let store: DeskStore

  /// The file of all acknowledgements.
  var acknowledgements: String { "\(folder)/acknowledged.ndjson" }

  /// The start parameters.
  struct Plan: Sendable {
    var policy: String
    /// Additional arguments of `up`.
    var arguments: [String]
    /// Of each piece of data between routers and PostgreSQL, in each direction.
    var delay: Duration
    /// Items that a router decides together. It requests three times as many, so that the next ones are there when it is done: its
    /// throughput then follows from the delay alone.
    var batch: Int
    /// Connections of the command to the database.
    var connections = 4
  }

  /// Runs `body` with a ready desk, and removes the desk afterwards.
  static func with<Outcome: Sendable>(
    _ plan: Plan, _ body: @Sendable (RehearsalDesk) async throws -> Outcome
  ) async throws -> Outcome {
    var desk = PrivateDesk.Plan(purpose: "rehearse", policy: plan.policy)
    let folder = desk.folder
    for folder in [folder, "\(folder)/detour"] { try PrivateFile.makeFolder(folder) }
    let line = try await FaultProxy(at: .file("\(folder)/detour/.s.PGSQL.\(LocalPostgres.port)")) {
      (try? LocalDesk.read(folder: folder)).map { .file("\($0.postgresSocket)/.s.PGSQL.\(LocalPostgres.port)") }
    }
    line.setLine(.slow(plan.delay))
    desk.arguments =
      plan.arguments + [
        "--database-detour", "\(folder)/detour", "--detour-of", ServiceKind.router.rawValue,
        "--setting", "\(ServiceKind.router.rawValue).batch-limit=\(plan.batch)",
        "--setting", "\(ServiceKind.router.rawValue).credit-window=\(plan.batch * RehearsalBounds.batchesRequested)",
      ]
    let running: PrivateDesk
    do {
      running = try await PrivateDesk.start(desk)
    } catch {
      await line.end()
      throw error
    }
    do {
      let outcome = try await DeskConnection.withStore(
        running.local.postgres, connections: plan.connections, requestTimeout: .seconds(60)
      ) { try await body(RehearsalDesk(folder: folder, local: running.local, store: $0)) }
      await running.end()
      await line.end()
      return outcome
    } catch {
      await running.end()
      await line.end()
      throw error
    }
  }

  /// Sends messages until each is acknowledged, and notes the acknowledgements.
  /// - Throws: `CommandFailure` when one stayed unacknowledged.
  /// - Parameter schedule: by default as fast as acknowledged.
  func send(
    _ count: Int, at schedule: ArrivalSchedule = ArrivalSchedule(messagesPerSecond: nil),
    batch: Int = RehearsalBounds.batch, connections: Int = RehearsalBounds.connections,
    _ message: @escaping @Sendable (Int) -> SentMessage
  ) async throws {
    let way = try ZeroMQTransport(
      endpoint: local.channelEndpoint, serverKey: local.channelServerKey, keys: local.keys, form: .protobuf)
    let tally = SendTally()
    let run = SendRun(
      line: MessageLine(count: count, batchLimit: batch, schedule: schedule) { message($0) },
      schedule: schedule, choice: .zeromq, http: nil, zeroMQ: way, connections: connections,
      giveUpAfter: RehearsalBounds.settleTime, log: try AcknowledgementLog(path: acknowledgements), tally: tally)
    do {
      try await run.run()
    } catch {
      await way.close()
      throw error
    }
    await way.close()
    let counts = tally.counts
    guard counts.unacknowledged == 0 else {
      throw CommandFailure(
        "\(counts.unacknowledged) of \(count) messages stayed unacknowledged: "
          + counts.leadingReasons.map(\.reason).joined(separator: ", "))
    }
  }

  /// Waits until nothing is undecided.
  func settle() async throws {
    guard try await Ledger.settle(store, within: RehearsalBounds.settleTime) else {
      throw CommandFailure("messages were still undecided \(RehearsalBounds.settleTime) after the last acknowledgement")
    }
  }

  /// Compares all acknowledgements with the database.
  func verdict() async throws -> LedgerVerdict {
    try await Ledger(store: store, acknowledgements: AcknowledgementLog.read(path: acknowledgements)).verdict()
  }

  func routers() throws -> [ControlAnswer.Member] {
    try ControlClient.ask(.list, socket: local.controlSocket).members.filter {
      $0.service == ServiceKind.router.rawValue
    }
  }
}
