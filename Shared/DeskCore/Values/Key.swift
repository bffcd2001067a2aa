/// The policy's name for a `Subject`: a queue, an agent, a channel, a skill.
///
/// Keys consist of lower-case ASCII letters, digits, `-`, `_` and `.`, 1 to 64 characters; this is checked once when the policy file is
/// read, so that all other code can rely on it.
public struct Key<Subject>: Hashable, Comparable, Sendable, RawRepresentable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// The name as the policy writes it.
  public let rawValue: String

  /// Accepts any name; `isWellFormed` says whether a policy may use it.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// Accepts any name, without a label for the many call sites that read one.
  public init(_ rawValue: String) {
    self.rawValue = rawValue
  }

  public init(stringLiteral value: String) {
    self.rawValue = value
  }

  // Names from outside are also looked up by keys, so they are compared by their bytes, as the database does.

  public static func == (left: Self, right: Self) -> Bool { left.rawValue.hasSameBytes(as: right.rawValue) }

  public func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue.precedesByBytes(right.rawValue) }

  public var description: String { rawValue }

  /// Whether the name has the characters and the length that a policy may use.
  public var isWellFormed: Bool {
    (1...64).contains(rawValue.utf8.count)
      && rawValue.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
      }
  }
}

/// The name of a queue.
public typealias QueueID = Key<QueuePolicy>
/// The name of an agent.
public typealias AgentID = Key<AgentProfile>
/// The name of a team.
public typealias TeamID = Key<Team>
/// The name of a channel.
public typealias ChannelID = Key<ChannelPolicy>
/// The name of a skill.
public typealias SkillID = Key<SkillRequirement>
/// The name of a calendar.
public typealias CalendarID = Key<BusinessCalendar>
/// The name of an outgoing web hook.
public typealias HookID = Key<Hook>
/// A ticket's identifier.
public typealias TicketID = Identifier<Ticket>
/// A message's identifier.
public typealias MessageID = Identifier<Labels>
/// An offer's identifier.
public typealias OfferID = Identifier<Offer>
/// The identifier of an entry in the outbox; receivers deduplicate by it (promise I5).
public typealias NoticeID = Identifier<Notice>
