import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Sends customers the progress notices of their tickets when they are due. The leader does it, but not by a clock that jumped.
///
/// What is due, and since when, is part of the ticket and was written with the step that caused it. A notice is one more step: text,
/// timeline entry and outbox rows are committed under the ticket's version, with the fence, and remove it from the ticket. So a process
/// that is killed loses and repeats nothing, and of two that send one notice one has an effect.
struct ProgressNotifier: LeaderService {
  let store: DeskStore
  let clock: SteadyClock
  let policy: PolicyFollower
  let leadership: Leadership
  let stepper: TimedStepper
  let metrics: SLAWatcherMetrics
  let logger: Logger
  let ticketsPerRound: Int
  let task = WatchedTask("progress_notices")

  var periodic: PeriodicTask { PeriodicTask(task, every: SLAWatcherBounds.progressPause, logger: logger) }

  func round(fencedBy fence: Fence) async throws -> PeriodicTask.Pause {
    try await notify(fencedBy: fence) == ticketsPerRound ? .none : .regular
  }

  /// Sends, postpones or drops a bounded number of notices.
  /// - Returns: how many tickets were changed.
  @discardableResult
  func notify(fencedBy fence: Fence) async throws -> Int {
    guard let now = clock.now(), let policy = policy.current else { return 0 }
    let due = try await store.tickets.ticketsWithProgressDue(by: now, limit: ticketsPerRound)
    var steps: [TicketStep] = []
    for ticket in due {
      if let step = try await step(on: ticket, at: now, under: policy) { steps.append(step) }
    }
    let taken = try await stepper.commit(steps, fencedBy: fence)
    metrics.progress(taken)
    if !taken.isEmpty { logger.info("progress notices processed", metadata: ["tickets": "\(taken.count)"]) }
    return taken.count
  }

  /// - Returns: nil when nothing is due after all.
  private func step(on ticket: Ticket, at now: Instant, under policy: Policy) async throws -> TicketStep? {
    let decision = ticket.progressDecision(at: now, under: policy)
    if decision == .nothing { return nil }
    var random = SystemRandom()
    let id: MessageID = IdentifierSource.process.next(at: now, using: &random)
    var message: OutgoingMessage?
    var language = ""
    if case .send(let notice) = decision,
      let chosen = policy.life.progress.template(of: notice.event, for: ticket.labels?.language ?? "")
    {
      language = chosen.language
      let body = try await text(chosen.template, in: language, about: ticket, at: now, under: policy)
      message = OutgoingMessage(id: id, progress: notice.event, body: body)
    }
    do {
      return try TicketStep(
        .progressDue(id, language: language), on: ticket, at: now, under: policy, writing: message, using: &random)
    } catch {
      // A bug, and one that repeats until it is investigated.
      logger.error(
        "a ticket refused its progress notice",
        metadata: ["ticket": "\(ticket.id)", "state": "\(ticket.state.rawValue)", "refusal": "\(error)"])
      store.setAside.setAside(.ticket(ticket.id), because: error)
      return nil
    }
  }

  /// The queue position costs two queries, and is read only for texts that name it.
  private func text(
    _ template: ProgressTemplate, in language: String, about ticket: Ticket, at now: Instant, under policy: Policy
  ) async throws -> String {
    var values = policy.life.progress.values(of: ticket, in: language)
    if template.namesPosition {
      let place = try await store.matching.placeInQueue(of: ticket, at: now, headStarts: policy.headStarts)
      // A ticket that is offered to an agent is the next.
      values.position = place?.position ?? (ticket.state == .offered ? 1 : nil)
      values.expectedWait = place?.expectedWait
    }
    return template.text(with: values, in: language)
  }
}
