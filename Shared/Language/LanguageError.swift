/// The reason why a model or a labelled file was rejected, or a training run failed.
///
/// The text names the location and the remedy and never repeats the file's content.
public struct LanguageError: Error, Equatable, CustomStringConvertible {
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String { case file, csv, model, training }
    private let kind: Kind
    public var description: String { kind.rawValue }

    /// The file could not be read or written.
    public static let file = Code(kind: .file)
    /// The labelled file is invalid.
    public static let csv = Code(kind: .csv)
    /// The file is not a model file, is damaged, or has another format version.
    public static let model = Code(kind: .model)
    /// The examples cannot be learned from.
    public static let training = Code(kind: .training)
  }

  public let code: Code
  /// The file that was read, if the error is about its content.
  public private(set) var file: String?
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

  /// Returns the same error with the file's path. Unchanged if it names its file already, as code `file` does in its message.
  public func of(file path: String) -> LanguageError {
    guard file == nil, code != .file else { return self }
    var error = self
    error.file = path
    return error
  }

  public var description: String {
    var place = file.map { line == nil ? "\($0): " : "\($0), " } ?? ""
    if let line {
      place += "line \(line)"
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
