import HTTPTypes

/// Why a sign-in by the company's provider did not succeed.
enum SignInFailure: Error, Equatable {
  /// No provider is configured, or not this one.
  case noProvider
  /// The browser has begun no sign-in, or it is another browser.
  case notBegun
  /// The person took too long.
  case late
  /// The answer belongs to another sign-in, or is not one of this provider.
  case foreign
  /// The code or the answer was used already, or has expired.
  case used
  /// The person, or the provider for the person, declined.
  case declined
  /// The token is not genuine, or not for this sign-in.
  case token(TokenRefusal)
  case noName
  case noAgent(name: String)
  case noRole(name: String)
  /// The provider cannot be reached or fails.
  case unreachable
  /// The provider and its configuration do not fit.
  case misconfigured
  /// The desk's database cannot be reached.
  case deskUnavailable

  /// For metrics and logs.
  var code: String {
    switch self {
    case .noProvider: "no_provider"
    case .notBegun: "not_begun"
    case .late: "late"
    case .foreign: "foreign"
    case .used: "used"
    case .declined: "declined"
    case .token: "token"
    case .noName: "no_name"
    case .noAgent: "no_agent"
    case .noRole: "no_role"
    case .unreachable: "unreachable"
    case .misconfigured: "misconfigured"
    case .deskUnavailable: "desk_unavailable"
    }
  }

  /// All codes, so that their counters exist from the start.
  static let codes = [
    "no_provider", "not_begun", "late", "foreign", "used", "declined", "token", "no_name", "no_agent", "no_role",
    "unreachable", "misconfigured", "desk_unavailable",
  ]

  var status: HTTPResponse.Status {
    switch self {
    case .noProvider: .notFound
    case .notBegun, .late, .foreign, .used: .badRequest
    case .declined, .token, .noName, .noAgent, .noRole: .forbidden
    case .unreachable, .misconfigured: .badGateway
    case .deskUnavailable: .serviceUnavailable
    }
  }

  /// Whether another attempt can succeed without anyone's help.
  var canBeRetried: Bool {
    switch self {
    case .notBegun, .late, .foreign, .used, .declined, .token, .unreachable, .deskUnavailable: true
    case .noProvider, .noName, .noAgent, .noRole, .misconfigured: false
    }
  }
}
