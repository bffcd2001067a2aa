import DeskCore
import HTTPService
import HTTPTypes
import Observability
import Store
import SystemPrimitives

/// The metrics of intake under `/metrics`.
final class IntakeMetrics: Sendable {
  private let registry: MetricsRegistry
  private let duplicates: CounterMetric
  private let commitSeconds: HistogramMetric
  private let commitMessages: HistogramMetric
  private let pendingMessages: GaugeMetric
  private let pendingBytes: GaugeMetric
  private let heldUp: GaugeMetric
  private let adopted: CounterMetric
  private let maskings: CounterMetric
  private let proofsIgnored: CounterMetric
  private let released: CounterMetric
  private let accepted = PthreadMutex<[ChannelID: CounterMetric]>([:])

  init(registry: MetricsRegistry) {
    self.registry = registry
    duplicates = registry.counter(
      "frontdesk_intake_duplicates_total", help: "Messages that had been stored before.")
    commitSeconds = registry.histogram(
      "frontdesk_intake_commit_seconds", help: "Duration of a commit.")
    commitMessages = registry.histogram(
      "frontdesk_intake_commit_batch_messages", help: "Messages per commit.",
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    pendingMessages = registry.gauge(
      "frontdesk_intake_pending_messages", help: "Messages that wait for a commit or are in one.")
    pendingBytes = registry.gauge("frontdesk_intake_pending_bytes", help: "Bytes of the pending messages.")
    heldUp = registry.gauge(
      "frontdesk_intake_held_up_messages", help: "Messages waiting for a ticket locked by another transaction.")
    adopted = registry.counter(
      "frontdesk_intake_adopted_total", help: "Messages adopted because no live instance held them.")
    maskings = registry.counter(
      "frontdesk_intake_masked_total", help: "Messages in which personal data was masked before they were stored.")
    proofsIgnored = registry.counter(
      "frontdesk_intake_proofs_ignored_total",
      help: "Proofs of customers that the policy does not trust their channels with.")
    released = registry.counter(
      "frontdesk_intake_released_total", help: "Messages released to the database fallback.")
  }

  /// Messages of a request were accepted, or had been stored before.
  func stored(_ results: [MessageResult], _ channel: ChannelID) {
    let new = results.count { $0.status == .accepted }
    if new > 0 { accepted(new, channel) }
    let old = results.count { $0.status == .duplicate }
    if old > 0 { duplicates.increment(by: Double(old)) }
  }

  private func accepted(_ count: Int, _ channel: ChannelID) {
    let counter = accepted.withLock { known in
      if let counter = known[channel] { return counter }
      let counter = registry.counter(
        "frontdesk_intake_messages_accepted_total", help: "New messages committed to PostgreSQL.",
        labels: ["channel": channel.rawValue])
      known[channel] = counter
      return counter
    }
    counter.increment(by: Double(count))
  }

  /// Personal data was masked in a message.
  func masked() { maskings.increment() }

  /// Proofs of a message were left out.
  func ignored(proofs: Int) { proofsIgnored.increment(by: Double(proofs)) }

  /// A message or a whole request was not accepted.
  func rejected(_ reason: Rejection, messages: Int = 1) {
    registry.counter(
      "frontdesk_intake_rejected_total", help: "Messages that were not accepted, by reason.",
      labels: ["reason": reason.rawValue]
    ).increment(by: Double(messages))
  }

  /// A commit succeeded.
  func committed(messages: Int, in duration: Duration) {
    commitSeconds.observe(duration)
    commitMessages.observe(Double(messages))
  }

  /// A commit failed.
  func commitFailed(_ cause: CommitMachine.Failure) {
    registry.counter(
      "frontdesk_intake_commit_failures_total", help: "Failed commits, by cause; most are retried.",
      labels: ["cause": "\(cause)"]
    ).increment()
  }

  /// The amount of pending work.
  func pending(messages: Int, bytes: Int, heldUp: Int) {
    pendingMessages.set(Double(messages))
    pendingBytes.set(Double(bytes))
    self.heldUp.set(Double(heldUp))
  }

  /// Messages were adopted.
  func adopted(_ count: Int) { adopted.increment(by: Double(count)) }

  /// Messages were released.
  func released(_ count: Int) { released.increment(by: Double(count)) }

  /// How replies leave to a channel.
  enum ReplyWay: String, Sendable {
    case list, stream, subscription
  }

  /// Replies were handed to their channel, for the first time or again.
  func replies(_ count: Int, by way: ReplyWay) {
    guard count > 0 else { return }
    registry.counter(
      "frontdesk_intake_replies_handed_over_total", help: "Replies handed to their channels, repetitions included.",
      labels: ["way": way.rawValue]
    ).increment(by: Double(count))
  }

  /// What could not be written about messages of the link.
  enum Bookkeeping: String, Sendable {
    /// That the link does not have them any more.
    case release
    /// That workers did not finish them.
    case attempts
  }

  /// Writing about messages of the link failed; sweeps find the messages later.
  func bookkeepingFailed(_ step: Bookkeeping, messages: Int) {
    registry.counter(
      "frontdesk_intake_bookkeeping_failures_total",
      help: "Messages that left the link before the database recorded it, by the step that failed.",
      labels: ["step": step.rawValue]
    ).increment(by: Double(messages))
  }

  /// Why something was not accepted. The raw value is the label of the metric.
  enum Rejection: String, Sendable {
    case invalid = "invalid-message"
    case malformed = "malformed-body"
    case tooLarge = "too-large"
    case conflict = "id-conflict"
    case overloaded
    case draining
    case unavailable
    case refused
    case unauthorised = "unauthorised"
    case rateLimited = "rate-limited"
    case tooManyInFlight = "too-many-in-flight"
    case badFrames = "bad-frames"
    case unsupportedType = "unsupported-media-type"
    case requestKeyReused = "idempotency-key-reused"
    case requestKeyInFlight = "idempotency-key-in-flight"
    case requestKeyInvalid = "idempotency-key-invalid"

    /// The corresponding HTTP status.
    var status: HTTPResponse.Status { problemType.status }

    /// The type of the problem.
    var problemType: ProblemType {
      switch self {
      case .invalid: .invalidMessage
      case .malformed: .malformedBody
      case .tooLarge: .tooLarge
      case .conflict: .idConflict
      case .overloaded: .overloaded
      case .draining: .draining
      case .unavailable: .unavailable
      case .refused: .refused
      case .unauthorised: .unauthorised
      case .rateLimited: .rateLimited
      case .tooManyInFlight: .tooManyInFlight
      case .badFrames: .badFrames
      case .unsupportedType: .unsupportedMediaType
      case .requestKeyReused: .idempotencyKeyReused
      case .requestKeyInFlight: .idempotencyKeyInFlight
      case .requestKeyInvalid: .idempotencyKeyInvalid
      }
    }
  }
}
