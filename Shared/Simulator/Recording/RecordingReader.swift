import DeskCore

/// Why a file is not a recording, with the line.
public struct RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// What is wrong and what to do, beginning in lower case, without a full stop.
  public let problem: String

  public var description: String { "line \(line): \(problem)" }
}

/// Reads the lines of a recording strictly: an unknown, missing or invalid member, a line out of order, numbers that do not add up or
/// another checksum are errors.
public struct RecordingReader: Sendable {
  private var stretch: Recording.Stretch?
  private var agents: [RecordedAgent] = []
  private var tickets: [RecordedTicket] = []
  private var seen: Set<ExactString> = []
  private var checksum = RecordingChecksum()
  private var line = 0
  private var isEnded = false

  public init() {}

  /// Takes the next line, without its line end.
  /// - Throws: `RecordingError`.
  public mutating func read(_ bytes: some Collection<UInt8>) throws(RecordingError) {
    line += 1
    guard !isEnded else { throw problem("it follows the end of the recording; remove it") }
    guard line <= RecordingBounds.lines, bytes.count <= RecordingBounds.lineBytes else {
      throw problem("the file is larger than a recording can be; record a shorter stretch")
    }
    guard let text = String(validating: bytes, as: UTF8.self), let value = JSONValue(json: text),
      case .object = value
    else { throw problem("not a JSON object in UTF-8; the file is damaged, copy or record it again") }
    var members = RecordingMembers(value, line: line)
    if line == 1 {
      try readStretch(&members)
    } else if members.has("checksum") {
      try readEnd(&members)
    } else if members.has("agent") {
      guard tickets.isEmpty else { throw problem("an agent after the first ticket; agents come before tickets") }
      agents.append(try RecordedAgent(&members))
      try remember("agent", agents[agents.count - 1].profile.id.rawValue)
    } else {
      let ticket = try RecordedTicket(&members)
      try remember("ticket", ticket.id)
      tickets.append(ticket)
    }
    try members.end()
    checksum.add(bytes)
    checksum.add(CollectionOfOne(UInt8(ascii: "\n")))
  }

  /// The recording, after the last line.
  /// - Throws: `RecordingError` where the end is missing.
  public func finish() throws(RecordingError) -> Recording {
    guard let stretch, isEnded else {
      throw RecordingError(
        line: line + 1, problem: "the end is missing: the file is truncated; copy or record it again")
    }
    // Lines follow the tickets' identifiers, whose time is another clock's than that of the opening.
    let order = tickets.indices.sorted { (tickets[$0].opened, $0) < (tickets[$1].opened, $1) }
    return Recording(stretch: stretch, agents: agents, tickets: order.map { tickets[$0] })
  }

  private func problem(_ text: String) -> RecordingError { RecordingError(line: line, problem: text) }

  private mutating func remember(_ kind: String, _ name: String) throws(RecordingError) {
    guard seen.insert(ExactString("\(kind) \(name)")).inserted else {
      throw problem("the \(kind) \(name) occurs twice; the file is damaged, record it again")
    }
  }

  private mutating func readStretch(_ members: inout RecordingMembers) throws(RecordingError) {
    guard members.has("frontdesk_recording") else {
      throw problem("not a recording; write one with `frontdesk record`")
    }
    let version = try members.integer("frontdesk_recording", 1...Int64(Int32.max))
    guard version == Int64(RecordingBounds.version) else {
      throw problem(
        "member `frontdesk_recording`: format \(version) is unknown to this build, which reads \(RecordingBounds.version); record it again"
      )
    }
    let from = try members.instant("from")
    let to = try members.instant("to")
    guard from < to else { throw problem("member `to` is not after `from`; record it again") }
    // An hour more where a day is longer.
    guard to - from <= .seconds(Int64(RecordingBounds.days) * 86_400 + 3_600) else {
      throw problem("member `to` is more than \(RecordingBounds.days) days after `from`; record a shorter stretch")
    }
    stretch = Recording.Stretch(
      from: from, to: to, zone: try members.text("zone"),
      policyVersion: Int32(try members.integer("policy", 0...Int64(Int32.max))),
      workers: try members.numbers("workers", 0...10_000))
  }

  private mutating func readEnd(_ members: inout RecordingMembers) throws(RecordingError) {
    let most = Int64(RecordingBounds.lines)
    let numbers = [
      try members.integer("agents", 0...most), try members.integer("tickets", 0...most),
      try members.integer("lines", 0...most),
    ]
    guard numbers == [Int64(agents.count), Int64(tickets.count), Int64(line)] else {
      throw problem(
        "it counts \(numbers[0]) agents, \(numbers[1]) tickets and \(numbers[2]) lines, the file has \(agents.count), \(tickets.count) and \(line): lines are missing; copy or record it again"
      )
    }
    guard try members.text("checksum").hasSameBytes(as: checksum.text) else {
      throw problem("the checksum is not that of the lines before: the file was changed or damaged; record it again")
    }
    isEnded = true
  }
}
