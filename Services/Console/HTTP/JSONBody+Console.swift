import DeskCore
import HTTPService
import Hummingbird
import Store
import UntrustedInput

extension JSONBody {
  /// Collects and reads the body of a request to the console.
  /// - Throws: `HTTPProblem` 413, 415 or 400.
  init(_ call: ConsoleRoutes.Call) async throws {
    try await self.init(call.request, longest: ConsoleBounds.bodyBytes)
  }

  /// The reason, if the request has a body that states one; nil without a body.
  /// - Throws: `HTTPProblem` 413, 415, 400 or 422.
  static func reasonIfAny(in call: ConsoleRoutes.Call) async throws -> String? {
    if isMissing(in: call.request) { return nil }
    var body = try await JSONBody(call)
    let reason = body.wordsIfAny("reason", longest: ConsoleBounds.reasonCharacters)
    try body.finish()
    return reason
  }

  /// The reason: a few words for the timeline.
  mutating func reason() -> String { words("reason", longest: ConsoleBounds.reasonCharacters) }

  /// A category or an intent.
  mutating func name(_ name: String) -> String {
    text(name) { value throws(InputFault) in try InputRules.name(value) }
  }

  /// The same, optional.
  mutating func nameIfAny(_ name: String) -> String? {
    textIfAny(name) { value throws(InputFault) in try InputRules.name(value) }
  }

  /// One of the customer tiers.
  mutating func tier(_ name: String) -> CustomerTier {
    choice(name, among: CustomerTier.allCases.map { ($0.rawValue, $0) }, other: .standard)
  }

  /// One of the presences.
  mutating func presence(_ name: String) -> Presence {
    choice(name, among: Presence.allCases.map { ($0.rawValue, $0) }, other: .offline)
  }

  /// One of the priorities.
  mutating func priority(_ name: String) -> Priority {
    choice(name, among: Priority.allCases.map { ($0.name, $0) }, other: .normal)
  }

  /// Why an agent is away and until when: a future time within `ConsoleBounds.longestBreak`. An end without a reason is refused, because
  /// both are shown together.
  mutating func pause(now: Instant) -> AgentBreak? {
    let reason = wordsIfAny("reason", longest: ConsoleBounds.reasonCharacters)
    let until = timestamp("until")
    if let until, until <= now || until > now + ConsoleBounds.longestBreak {
      refuse(
        "until", value: RFC3339.text(until),
        "The time is in the past, or more than \(ConsoleBounds.longestBreakDays) days ahead.",
        remedy: "Send a time after \(RFC3339.text(now)), within \(ConsoleBounds.longestBreakDays) days.")
    }
    if !isMissing("until"), isMissing("reason") {
      refuse(
        "reason", "A break with an end needs a reason.", remedy: "Send a reason, such as lunch, or leave `until` out.")
    }
    return reason.map { AgentBreak(reason: $0, until: until) }
  }
}
