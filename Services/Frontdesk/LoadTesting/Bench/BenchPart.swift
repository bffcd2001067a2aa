/// What a benchmark measures; each part can be repeated alone with `--only`.
enum BenchPart: String, CaseIterable, Sendable {
  /// The first messages of a desk that has just become ready.
  case first
  /// Memory and processor time of an idle desk.
  case idle
  /// Latencies at offered rates.
  case rates
  /// As fast as messages are acknowledged.
  case saturation
  /// PostgreSQL itself, with bare loops that write the same rows.
  case raw
  /// The time until tickets are offered to agents.
  case offers
  /// Messages of different kinds, and replies.
  case traffic
  /// Saturation with more and more live tickets.
  case liveTickets = "live-tickets"
  /// Each stage alone.
  case stages
  /// From the start of each service's process until it is ready.
  case ready

  /// Reads names separated by commas; nil where one is unknown.
  static func read(_ text: String) -> Set<BenchPart>? {
    let names = text.split(separator: ",", omittingEmptySubsequences: false)
    let parts = names.compactMap { BenchPart(rawValue: String($0)) }
    return parts.count == names.count ? Set(parts) : nil
  }

  static var names: String { allCases.map(\.rawValue).joined(separator: ",") }
}
