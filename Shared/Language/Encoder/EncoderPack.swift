internal import DeskCore

/// Reads an encoder pack, which `deploy/encoder-pack` extracts from a published sentence encoder.
///
/// Layout, little-endian: magic (8 bytes), format version (u32), length of the whole file (u64), number of pieces (u32),
/// score of each piece (f32), bytes of each piece (u16), the pieces (UTF-8), the encoder (see `SentenceEncoder.init(_:)`),
/// checksum of everything before it (u64).
public struct EncoderPack: Sendable {
  static let magic: [UInt8] = [0x46, 0x44, 0x45, 0x4E, 0x43, 0x0D, 0x0A, 0x1A]
  static let formatVersion: UInt32 = 3
  private static let headerBytes = 20

  /// The word pieces that can occur in a normalised text, the basis of the first stage's table.
  let words: WordPieces
  /// The encoder itself, for the second stage.
  public let encoder: SentenceEncoder

  /// - Throws: `LanguageError` with code `file` if it cannot be read, `model` if it is not a valid pack.
  public static func read(path: String) throws(LanguageError) -> EncoderPack {
    do throws(LanguageError) {
      return try decode(FileBytes.read(path: path, limit: LanguageLimits.modelFileBytes))
    } catch {
      throw error.of(file: path)
    }
  }

  /// Reads the encoder alone, which is faster.
  ///
  /// - Throws: as `read(path:)`.
  public static func readEncoder(path: String) throws(LanguageError) -> SentenceEncoder {
    do throws(LanguageError) {
      return try parsing(FileBytes.read(path: path, limit: LanguageLimits.modelFileBytes)) {
        parts throws(LanguageError) in
        try parts.encoder()
      }
    } catch {
      throw error.of(file: path)
    }
  }

  static func decode(_ bytes: [UInt8]) throws(LanguageError) -> EncoderPack {
    try parsing(bytes) { parts throws(LanguageError) in
      EncoderPack(words: try parts.words(), encoder: try parts.encoder())
    }
  }

  private static func parsing<Value>(
    _ bytes: [UInt8], _ body: (Parts) throws(LanguageError) -> Value
  ) throws(LanguageError) -> Value {
    let result: Result<Value, LanguageError> = bytes.withUnsafeBytes { buffer in
      do throws(LanguageError) {
        return .success(try body(Parts(try checked(buffer))))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  static func damaged(_ what: String) -> LanguageError {
    LanguageError(.model, "the encoder pack is damaged: \(what)", remedy: "create it again with deploy/encoder-pack")
  }

  /// Returns the file's body after checking its integrity.
  private static func checked(_ buffer: UnsafeRawBufferPointer) throws(LanguageError) -> ModelReader {
    guard buffer.count >= headerBytes + 8, buffer[..<magic.count].elementsEqual(magic) else {
      throw LanguageError(
        .model, "this is not an encoder pack", remedy: "specify a file made by deploy/encoder-pack")
    }
    var reader = ModelReader(UnsafeRawBufferPointer(rebasing: buffer[magic.count..<buffer.count - 8]))
    let version = try reader.integer(UInt32.self)
    guard version == formatVersion else {
      throw LanguageError(
        .model, "the encoder pack has format \(version), this build reads format \(formatVersion)",
        remedy: "create it again with this build's deploy/encoder-pack")
    }
    let length = try reader.integer(UInt64.self)
    guard length == UInt64(buffer.count) else {
      throw damaged("it should have \(length) bytes and has \(buffer.count)")
    }
    let sum = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: buffer.count - 8, as: UInt64.self))
    guard sum == Checksum.of(UnsafeRawBufferPointer(rebasing: buffer[..<(buffer.count - 8)])) else {
      throw damaged("the checksum does not match")
    }
    return reader
  }
}

/// The parts of a pack, in file order.
private struct Parts {
  let scores: [Float]
  let spelled: [[UInt32]]
  private let rest: ModelReader

  init(_ whole: ModelReader) throws(LanguageError) {
    var reader = whole
    let count = Int(try reader.integer(UInt32.self))
    scores = try reader.array(count: count, of: Float.self)
    let lengths = try reader.array(count: count, of: UInt16.self)
    var spelled: [[UInt32]] = []
    spelled.reserveCapacity(count)
    for length in lengths {
      let bytes = try reader.array(count: Int(length), of: UInt8.self)
      guard let piece = String(validating: bytes, as: UTF8.self), !piece.isEmpty else {
        throw EncoderPack.damaged("a piece is empty or not UTF-8")
      }
      spelled.append(piece.unicodeScalars.map(\.value))
    }
    self.spelled = spelled
    rest = reader
  }

  func encoder() throws(LanguageError) -> SentenceEncoder {
    guard let segmenter = PieceSegmenter(pieces: spelled, scores: scores) else {
      throw EncoderPack.damaged("its pieces do not form a trie")
    }
    var reader = rest
    let encoder = try SentenceEncoder(&reader, segmenter: segmenter)
    guard reader.remaining == 0 else { throw EncoderPack.damaged("it has trailing bytes") }
    return encoder
  }

  /// Keeps the pieces that can occur in a normalised text: those with capitals, traditional characters or accents cannot.
  func words() throws(LanguageError) -> WordPieces {
    let normaliser = Normaliser()
    var known: Set<[UInt32]> = []
    var kept: [Int] = []
    for (number, scalars) in spelled.enumerated() {
      let words = scalars.map { $0 == PieceSegmenter.space ? 0x20 : $0 }
      let isBorder = scalars == [PieceSegmenter.space]
      guard isBorder || normaliser.survives(words), known.insert(scalars).inserted else { continue }
      kept.append(number)
    }
    guard let segmenter = PieceSegmenter(pieces: kept.map { spelled[$0] }, scores: kept.map { scores[$0] }) else {
      throw EncoderPack.damaged("its pieces do not form a trie")
    }
    return WordPieces(segmenter: segmenter, numbers: kept.map(Int32.init))
  }
}

/// Word pieces for segmenting normalised texts.
struct WordPieces: Sendable {
  let segmenter: PieceSegmenter
  /// The encoder's number of each piece.
  let numbers: [Int32]
}

extension Normaliser {
  /// Whether normalisation leaves these scalars unchanged except for spaces at the ends.
  fileprivate func survives(_ scalars: [UInt32]) -> Bool {
    var text = String.UnicodeScalarView()
    for value in scalars {
      guard let scalar = Unicode.Scalar(value) else { return false }
      text.append(scalar)
    }
    var trimmed = scalars[...]
    if trimmed.first == 0x20 { trimmed = trimmed.dropFirst() }
    return !trimmed.isEmpty && normalise(String(text)).scalars.elementsEqual(trimmed)
  }
}

extension EncoderPack: CustomStringConvertible {
  /// Short, like its encoder's description.
  public var description: String { "EncoderPack(\(encoder))" }
}
