import DeskCore
import DeskReporting
import Foundation
import SystemPrimitives

/// Sends all messages of a line until each is acknowledged, rejected or abandoned.
struct SendRun: Sendable {
  let line: MessageLine
  let schedule: ArrivalSchedule
  let choice: TransportChoice
  let http: (any MessageTransport)?
  let zeroMQ: (any MessageTransport)?
  /// The number of concurrent requests.
  let connections: Int
  /// How long to keep trying to get a message acknowledged.
  let giveUpAfter: Duration
  let log: AcknowledgementLog?
  let tally: SendTally
  /// When to send nothing more; nil for all messages.
  var end: ContinuousClock.Instant?

  /// Runs until nothing is left to do.
  /// - Parameter beginning: the start of the schedule.
  /// - Throws: errors of the line or the log; the other senders then end too.
  func run(since beginning: ContinuousClock.Instant = .now) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<connections {
        group.addTask(executorPreference: zeroMQ?.taskExecutor) { try await work(since: beginning) }
      }
      try await group.waitForAll()
    }
  }

  private func work(since beginning: ContinuousClock.Instant) async throws {
    while end.map({ ContinuousClock.now < $0 }) ?? true, let batch = try await line.next() {
      if let due = batch.due { try await Task.sleep(until: beginning + due, tolerance: .zero, clock: .continuous) }
      try await deliver(batch, since: beginning)
    }
  }

  private func deliver(_ batch: OutgoingBatch, since beginning: ContinuousClock.Instant) async throws {
    guard let way = choice.way(of: batch, http: http, zeroMQ: zeroMQ) else { return }
    let sent = ContinuousClock.now - beginning
    let start = beginning + schedule.start(due: batch.due, sent: sent)
    let deadline = beginning + sent + giveUpAfter
    var waiting = batch.messages
    var pauses = LoadBounds.retryPause
    var random = SystemRandom()
    tally.sent(waiting.count)
    while true {
      let fates = try await way.send(waiting, on: batch.channel)
      tally.answered(fates, latency: ContinuousClock.now - start)
      try log?.append(Self.acknowledgements(waiting, fates, now: Self.wallClock))
      waiting = zip(waiting, fates).compactMap { message, fate in
        if case .later = fate { message } else { nil }
      }
      guard !waiting.isEmpty else { return }
      let delay = pauses.next(using: &random)
      guard ContinuousClock.now + delay < deadline else { return tally.abandoned(waiting.count) }
      tally.repeated()
      try await Task.sleep(for: delay)
    }
  }

  private static func acknowledgements(_ messages: [SentMessage], _ fates: [MessageFate], now: Instant)
    -> [Acknowledgement]
  {
    zip(messages, fates).compactMap { message, fate in
      guard case .acknowledged(let id, let ticket, _) = fate else { return nil }
      return Acknowledgement(
        channel: message.channel.rawValue, externalID: message.id, messageID: id, ticketID: ticket, acknowledgedAt: now)
    }
  }

  private static var wallClock: Instant {
    Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
  }
}
