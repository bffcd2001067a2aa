/// Why a model or a labelled file was refused, or a training could not be done.
///
/// The text names the place and the remedy and never repeats what the file holds.
public struct LanguageError: Error, Equatable, CustomStringConvertible {
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String { case file, csv, model, training }
    private let kind: Kind
    public var description: String { kind.rawValue }

    /// The file could not be read or written.
    public static let file = Code(kind: .file)
    /// The labelled file is not what it should be.
    public static let csv = Code(kind: .csv)
    /// The model file is not one of ours, is damaged, or is of another version.
    public static let model = Code(kind: .model)
    /// The examples cannot be learned from.
    public static let training = Code(kind: .training)
  }

  public let code: Code
  public let message: String
  /// Line of the labelled file, from 1.
  public let line: Int?
  /// Column of the labelled file in characters, from 1.
  public let column: Int?
  /// What to do about it.
  public let remedy: String

  public init(_ code: Code, _ message: String, line: Int? = nil, column: Int? = nil, remedy: String) {
    self.code = code
    self.message = message
    self.line = line
    self.column = column
    self.remedy = remedy
  }

  public var description: String {
    var place = ""
    if let line {
      place = "line \(line)"
      if let column {
        place += ", column \(column)"
      }
      place += ": "
    }
    return "\(place)\(message); \(remedy)"
  }

  /// Always false: the same bytes will fail again.
  public var isRetriable: Bool { false }
}
