/// All errors of a configuration, reported together.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One error, with everything needed to correct it.
  public struct Mistake: Sendable, Equatable, CustomStringConvertible {
    /// The source: the flag, the environment variable, or the file and its key.
    public var place: String
    /// The value as written; nil if there is none, a placeholder if it is secret.
    public var value: String?
    public var problem: String
    public var remedy: String

    public init(place: String, value: String? = nil, problem: String, remedy: String) {
      self.place = place
      self.value = value
      self.problem = problem
      self.remedy = remedy
    }

    public var description: String {
      "\(place)\(value.map { " \"\($0)\"" } ?? "") \(problem): \(remedy)"
    }
  }

  /// The exit status of a process that cannot use its configuration.
  public static let exitStatus: Int32 = 2

  public var mistakes: [Mistake]

  public init(mistakes: [Mistake]) { self.mistakes = mistakes }

  public var description: String { mistakes.map(\.description).joined(separator: "\n") }
}
