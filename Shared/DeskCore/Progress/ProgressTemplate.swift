/// A text of a progress notice, with placeholders such as `{ticket}`; `{{` and `}}` are braces.
public struct ProgressTemplate: Hashable, Sendable {
  /// A part of the text.
  public enum Part: Hashable, Sendable {
    case text(String)
    case value(ProgressPlaceholder)
  }

  /// Why a text is not a template.
  public struct Mistake: Error, Hashable {
    /// The kind of mistake.
    public enum Kind: Hashable, Sendable {
      /// A placeholder that does not exist.
      case unknown(String)
      /// A placeholder that has no value in this state of a ticket.
      case unavailable(ProgressPlaceholder)
      /// A brace without its counterpart.
      case unpairedBrace
    }

    /// What is wrong.
    public let kind: Kind
    /// Where it begins, in Unicode scalars from the start of the text.
    public let offset: Int
  }

  /// The parts, in order.
  public let parts: [Part]

  /// Reads a text.
  /// - Parameter event: the state that it is about, which decides what it can name.
  /// - Throws: the first mistake.
  public init(_ text: String, for event: ProgressEvent) throws(Mistake) {
    let scalars = Array(text.unicodeScalars)
    var parts: [Part] = []
    var plain = String.UnicodeScalarView()
    var place = 0
    while place < scalars.count {
      let scalar = scalars[place]
      let isDoubled = place + 1 < scalars.count && scalars[place + 1] == scalar
      switch scalar {
      case "{" where isDoubled, "}" where isDoubled:
        plain.append(scalar)
        place += 2
      case "{":
        guard let end = scalars[place...].firstIndex(of: "}") else {
          throw Mistake(kind: .unpairedBrace, offset: place)
        }
        var name = String.UnicodeScalarView()
        name.append(contentsOf: scalars[(place + 1)..<end])
        guard let value = ProgressTemplate.placeholder(named: String(name)) else {
          throw Mistake(kind: .unknown(String(name)), offset: place)
        }
        guard event.placeholders.contains(value) else { throw Mistake(kind: .unavailable(value), offset: place) }
        if !plain.isEmpty { parts.append(.text(String(plain))) }
        plain.removeAll()
        parts.append(.value(value))
        place = end + 1
      case "}":
        throw Mistake(kind: .unpairedBrace, offset: place)
      default:
        plain.append(scalar)
        place += 1
      }
    }
    if !plain.isEmpty { parts.append(.text(String(plain))) }
    self.parts = parts
  }

  /// Names are compared byte by byte: Swift compares strings by canonical equivalence.
  private static func placeholder(named name: String) -> ProgressPlaceholder? {
    ProgressPlaceholder.allCases.first { $0.rawValue.hasSameBytes(as: name) }
  }

  /// Whether the text names the queue position or the expected wait.
  public var namesPosition: Bool { parts.contains(.value(.position)) || parts.contains(.value(.expectedWait)) }

  /// The text with its values. What is not known is described, never left blank.
  public func text(with values: ProgressValues, in language: String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .value(let placeholder): values.text(of: placeholder, in: language)
      }
    }.joined()
  }
}

/// The values that stand in for placeholders.
public struct ProgressValues: Hashable, Sendable {
  /// The ticket.
  public var ticket: TicketID
  /// The agent as customers may know them; nil for one without a title.
  public var agent: String?
  /// The queue's title, else its name; nil for a ticket without a queue.
  public var queue: String?
  /// The position in the queue, from 1; nil when it is not known.
  public var position: Int?
  /// The expected wait; nil when no ticket has gone to an agent recently.
  public var expectedWait: Duration?

  /// Describes the values.
  public init(
    ticket: TicketID, agent: String? = nil, queue: String? = nil, position: Int? = nil, expectedWait: Duration? = nil
  ) {
    self.ticket = ticket
    self.agent = agent
    self.queue = queue
    self.position = position
    self.expectedWait = expectedWait
  }

  /// The text of a value, in Chinese for languages whose code begins with `zh`, else in English.
  func text(of placeholder: ProgressPlaceholder, in language: String) -> String {
    let isChinese = language.hasPrefix("zh")
    return switch placeholder {
    case .ticket: ticket.description
    case .agent: agent ?? (isChinese ? "客服人员" : "a colleague")
    case .queue: queue ?? (isChinese ? "客服" : "support")
    case .position: position.map(String.init) ?? (isChinese ? "未知" : "unknown")
    case .expectedWait: wait(isChinese)
    }
  }

  private func wait(_ isChinese: Bool) -> String {
    guard let expectedWait else { return isChinese ? "暂时无法估计" : "not known yet" }
    let seconds = Int64(expectedWait.inSeconds.rounded(.up))
    if seconds < 60 { return isChinese ? "不到 1 分钟" : "less than a minute" }
    let minutes = (seconds + 59) / 60
    if minutes <= 90 {
      return isChinese ? "约 \(minutes) 分钟" : minutes == 1 ? "about 1 minute" : "about \(minutes) minutes"
    }
    let hours = (minutes + 59) / 60
    return isChinese ? "约 \(hours) 小时" : "about \(hours) hours"
  }
}
