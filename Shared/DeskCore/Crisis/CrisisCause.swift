/// Why a crisis case exists. At most one case of a cause is open at a time.
public enum CrisisCause: Hashable, Sendable {
  /// Several kinds of questions are hot at once.
  case hotKinds
  /// All kinds together arrive far more often than expected.
  case surge
  /// A large share of the customers is angry.
  case anger
  /// Customers use the grave words of one of the policy's topics.
  case words(String)
  /// A person opened the case under this name.
  case byHand(String)

  /// The form stored: `hot_kinds`, `surge`, `anger`, `words:TOPIC`, `hand:NAME`.
  public var text: String {
    switch self {
    case .hotKinds: "hot_kinds"
    case .surge: "surge"
    case .anger: "anger"
    case .words(let topic): "words:\(topic)"
    case .byHand(let name): "hand:\(name)"
    }
  }

  /// The names of cases that people open are compared as PostgreSQL does.
  public static func == (left: Self, right: Self) -> Bool { left.text.hasSameBytes(as: right.text) }

  public func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }

  /// Reads the stored form; nil for any other text.
  public init?(_ text: String) {
    switch text {
    case "hot_kinds": self = .hotKinds
    case "surge": self = .surge
    case "anger": self = .anger
    default:
      guard let colon = text.firstIndex(of: ":") else { return nil }
      let name = String(text[text.index(after: colon)...])
      switch text[..<colon] {
      case "words": self = .words(name)
      case "hand": self = .byHand(name)
      default: return nil
      }
    }
  }
}
