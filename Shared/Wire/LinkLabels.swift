/// What a classifier adds to an item of a link: a protobuf `Labels`.
public struct LinkLabels: Equatable, Sendable {
  public var category = ""
  public var intent = ""
  /// Between 0 and 1.
  public var confidence: Float = 0
  /// 0 low, 1 normal, 2 high.
  public var urgency: Int32 = 0
  /// -1, 0, 1.
  public var sentiment: Int32 = 0
  public var language = ""
  public var modelVersion = ""
  /// Best first.
  public var guesses: [Guess] = []
  /// The articles that may fit, best first.
  public var articleIDs: [String] = []
  /// One for each of them, between 0 and 1: the share of the message that the article covers.
  public var articleCoverages: [Float] = []

  /// A label that the model considered.
  public struct Guess: Equatable, Sendable {
    public var category: String
    /// Between 0 and 1.
    public var probability: Float

    public init(_ category: String, probability: Float) {
      self.category = category
      self.probability = probability
    }
  }

  /// Says nothing yet.
  public init() {}

  /// The numbers of the fields of `Labels`, and of those of `Guess`.
  fileprivate enum Field {
    static let category: UInt32 = 1
    static let intent: UInt32 = 2
    static let confidence: UInt32 = 3
    static let urgency: UInt32 = 4
    static let sentiment: UInt32 = 5
    static let language: UInt32 = 6
    static let modelVersion: UInt32 = 7
    static let guesses: UInt32 = 8
    static let articleIDs: UInt32 = 9
    static let articleCoverages: UInt32 = 10

    static let guessedCategory: UInt32 = 1
    static let guessedProbability: UInt32 = 2
  }

  /// Bytes of typical labels.
  private static let typicalBytes = 256
}

// MARK: - Writing

extension LinkLabels {
  /// The fields.
  var encoded: [UInt8] {
    var writer = ProtobufWriter(capacity: Self.typicalBytes)
    writer.add(Field.category, category)
    writer.add(Field.intent, intent)
    writer.add(Field.confidence, confidence)
    writer.add(Field.urgency, urgency)
    writer.add(Field.sentiment, sentiment)
    writer.add(Field.language, language)
    writer.add(Field.modelVersion, modelVersion)
    for guess in guesses {
      writer.begin(
        Field.guesses,
        byteCount: ProtobufWriter.byteCount(of: guess.category) + ProtobufWriter.byteCount(of: guess.probability))
      writer.add(Field.guessedCategory, guess.category)
      writer.add(Field.guessedProbability, guess.probability)
    }
    for id in articleIDs { writer.always(Field.articleIDs, id) }
    writer.add(Field.articleCoverages, articleCoverages)
    return writer.bytes
  }
}

// MARK: - Reading

extension LinkLabels {
  /// Checks labels from an untrusted sender.
  /// - Returns: whether every share and probability is a finite number; they are compared and rounded later.
  /// - Throws: `ProtobufReader.Malformed`.
  static func check(_ buffer: UnsafeBufferPointer<UInt8>, in range: Range<Int>) throws -> Bool {
    var reader = ProtobufReader(buffer, in: range)
    var areFinite = true
    // Of a single number the last occurrence counts.
    var isConfidenceFinite = true
    while let tag = try reader.next() {
      switch tag {
      case .bytes(Field.category), .bytes(Field.intent), .bytes(Field.language), .bytes(Field.modelVersion),
        .bytes(Field.articleIDs):
        _ = try reader.text()
      case .fixed32(Field.confidence): isConfidenceFinite = try reader.float().isFinite
      case .bytes(Field.guesses):
        let isFinite = try checkGuess(buffer, in: reader.bytes())
        areFinite = areFinite && isFinite
      case .fixed32(Field.articleCoverages):
        let isFinite = try reader.float().isFinite
        areFinite = areFinite && isFinite
      case .bytes(Field.articleCoverages):
        try eachFloat(buffer, in: reader.bytes()) { areFinite = areFinite && $0.isFinite }
      default: try reader.skip(tag)
      }
    }
    return areFinite && isConfidenceFinite
  }

  private static func checkGuess(_ buffer: UnsafeBufferPointer<UInt8>, in range: Range<Int>) throws -> Bool {
    var reader = ProtobufReader(buffer, in: range)
    var isFinite = true
    while let tag = try reader.next() {
      switch tag {
      case .bytes(Field.guessedCategory): _ = try reader.text()
      case .fixed32(Field.guessedProbability): isFinite = try reader.float().isFinite
      default: try reader.skip(tag)
      }
    }
    return isFinite
  }

  private static func eachFloat(
    _ buffer: UnsafeBufferPointer<UInt8>, in range: Range<Int>, _ body: (Float) -> Void
  ) throws {
    var reader = ProtobufReader(buffer, in: range)
    while !reader.isAtEnd { body(try reader.float()) }
  }

  /// Adds what checked bytes say.
  mutating func merge(_ buffer: UnsafeBufferPointer<UInt8>, in range: Range<Int>) throws {
    var reader = ProtobufReader(buffer, in: range)
    while let tag = try reader.next() {
      switch tag {
      case .bytes(Field.category): category = buffer.string(try reader.bytes())
      case .bytes(Field.intent): intent = buffer.string(try reader.bytes())
      case .fixed32(Field.confidence): confidence = try reader.float()
      case .varint(Field.urgency): urgency = Int32(truncatingIfNeeded: try reader.varint())
      case .varint(Field.sentiment): sentiment = Int32(truncatingIfNeeded: try reader.varint())
      case .bytes(Field.language): language = buffer.string(try reader.bytes())
      case .bytes(Field.modelVersion): modelVersion = buffer.string(try reader.bytes())
      case .bytes(Field.guesses): guesses.append(try Guess(buffer, in: reader.bytes()))
      case .bytes(Field.articleIDs): articleIDs.append(buffer.string(try reader.bytes()))
      case .fixed32(Field.articleCoverages): articleCoverages.append(try reader.float())
      case .bytes(Field.articleCoverages):
        try Self.eachFloat(buffer, in: reader.bytes()) { articleCoverages.append($0) }
      default: try reader.skip(tag)
      }
    }
  }
}

extension LinkLabels.Guess {
  fileprivate init(_ buffer: UnsafeBufferPointer<UInt8>, in range: Range<Int>) throws {
    var reader = ProtobufReader(buffer, in: range)
    self.init("", probability: 0)
    while let tag = try reader.next() {
      switch tag {
      case .bytes(LinkLabels.Field.guessedCategory): category = buffer.string(try reader.bytes())
      case .fixed32(LinkLabels.Field.guessedProbability): probability = try reader.float()
      default: try reader.skip(tag)
      }
    }
  }
}
