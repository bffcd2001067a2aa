/// Everything that is wrong with a configuration, in one go.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One mistake, told so that it can be put right without looking anything up.
  public struct Mistake: Sendable, Equatable, CustomStringConvertible {
    /// Where it was read: the flag, the environment variable, or the file and its key.
    public var place: String
    /// As written; nil where there is none, a placeholder where it is secret.
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
