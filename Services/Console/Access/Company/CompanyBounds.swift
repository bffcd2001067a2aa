/// Limits on sign-in by a company's identity provider.
enum CompanyBounds {
  /// How long a person may take at the provider.
  static let pendingSeconds = 600
  /// How far the provider's clock may differ from the database's.
  static let clockSkew: Duration = .seconds(60)
  /// The age of a token that is accepted; it is fetched within seconds of its issue.
  static let tokenAge: Duration = .seconds(300)

  /// How long one request to a provider may take.
  static let requestTimeout: Duration = .seconds(5)
  /// Requests to providers at once; more are refused.
  static let transfers = 32
  /// Bytes of a provider's description of itself, of its keys, and of its answer with a token.
  static let documentBytes = 256 << 10
  static let keySetBytes = 256 << 10
  static let tokenAnswerBytes = 256 << 10
  /// Bytes of a token.
  static let tokenBytes = 64 << 10
  /// Keys of a provider that are read, and bytes of an RSA modulus.
  static let keys = 64
  static let modulusBytes = 256...1_024
  /// Bytes of an RSA exponent.
  static let exponentBytes = 1...8

  /// How long a provider's description and keys count as fresh, and how long they are used while the provider cannot be reached.
  static let freshness: Duration = .seconds(3_600)
  static let staleness: Duration = .seconds(24 * 3_600)
  /// The least time between two requests for the same document: unknown keys cannot cause more.
  static let refetchPause: Duration = .seconds(10)
  /// How often it is checked that the providers can be reached.
  static let watchPause: Duration = .seconds(60)
  /// How long the configured providers are remembered. The database refuses one that was removed at once.
  static let configurationAge: Duration = .seconds(1)

  /// Bytes of a provider's answer in the address: its code, its state, its issuer, its error.
  static let parameterBytes = 4_096
  /// Bytes of the path that a person returns to.
  static let returnBytes = 300
  /// Bytes of what a browser keeps of a sign-in that has begun.
  static let cookieBytes = 1_024
  /// Bytes of a subject (OpenID Connect Core 1.0, section 2), and characters (Unicode scalars) of the claim that names the agent.
  static let subjectBytes = 255
  static let agentCharacters = 200
  /// Values of the role claim that are compared.
  static let rolesPerPerson = 1_000
}
