/// Reads what `deploy/encoder-pack` takes out of a published sentence encoder.
///
/// Layout, little-endian: magic (8 bytes), format version (u32), length of the whole file (u64), number of pieces (u32),
/// dimensions (u32), score of each piece (f32), bytes of each piece (u16), the pieces (UTF-8), worth of one step of each
/// row (f32), rows (i8), checksum of everything before it (u64).
public struct EncoderPack: Sendable {
  static let magic: [UInt8] = [0x46, 0x44, 0x45, 0x4E, 0x43, 0x0D, 0x0A, 0x1A]
  static let formatVersion: UInt32 = 1
  private static let headerBytes = 20

  let table: TokenTable

  /// - Throws: `LanguageError` with code `file` if it cannot be read, `model` if it is not a sound pack.
  public static func read(path: String) throws(LanguageError) -> EncoderPack {
    try decode(FileBytes.read(path: path, limit: LanguageLimits.modelFileBytes))
  }

  static func decode(_ bytes: [UInt8]) throws(LanguageError) -> EncoderPack {
    let result: Result<EncoderPack, LanguageError> = bytes.withUnsafeBytes { buffer in
      do throws(LanguageError) {
        return .success(try decode(buffer))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func damaged(_ what: String) -> LanguageError {
    LanguageError(.model, "the encoder pack is damaged: \(what)", remedy: "make it anew with deploy/encoder-pack")
  }

  private static func decode(_ buffer: UnsafeRawBufferPointer) throws(LanguageError) -> EncoderPack {
    guard buffer.count >= headerBytes + 8, buffer[..<magic.count].elementsEqual(magic) else {
      throw LanguageError(
        .model, "this is not an encoder pack", remedy: "name a file that deploy/encoder-pack made")
    }
    var reader = ModelReader(UnsafeRawBufferPointer(rebasing: buffer[magic.count..<buffer.count - 8]))
    let version = try reader.integer(UInt32.self)
    guard version == formatVersion else {
      throw LanguageError(
        .model, "the encoder pack has format \(version), this build reads format \(formatVersion)",
        remedy: "make it anew with deploy/encoder-pack of this build")
    }
    let length = try reader.integer(UInt64.self)
    guard length == UInt64(buffer.count) else {
      throw damaged("it should have \(length) bytes and has \(buffer.count)")
    }
    let sum = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: buffer.count - 8, as: UInt64.self))
    guard sum == Checksum.of(UnsafeRawBufferPointer(rebasing: buffer[..<(buffer.count - 8)])) else {
      throw damaged("its checksum does not fit")
    }
    return try body(&reader)
  }

  private static func body(_ reader: inout ModelReader) throws(LanguageError) -> EncoderPack {
    let count = Int(try reader.integer(UInt32.self))
    let dimensions = Int(try reader.integer(UInt32.self))
    let scores = try reader.array(count: count, of: Float.self)
    let lengths = try reader.array(count: count, of: UInt16.self)
    var pieces: [String] = []
    pieces.reserveCapacity(count)
    for length in lengths {
      let bytes = try reader.array(count: Int(length), of: UInt8.self)
      guard let piece = String(validating: bytes, as: UTF8.self) else { throw damaged("a piece in it is not UTF-8") }
      pieces.append(piece)
    }
    let scales = try reader.array(count: count, of: Float.self)
    guard dimensions <= LanguageLimits.encoderDimensions else { throw damaged("its rows are too long") }
    let rows = try reader.array(count: count * dimensions, of: Int8.self)
    guard let table = reachable(pieces, scores, dimensions, scales, rows) else {
      throw damaged("its parts do not fit together")
    }
    return EncoderPack(table: table)
  }

  /// Keeps the pieces that a normalised text can hold: those with capitals, traditional characters or accents never meet one.
  private static func reachable(
    _ pieces: [String], _ scores: [Float], _ dimensions: Int, _ scales: [Float], _ rows: [Int8]
  ) -> TokenTable? {
    let normaliser = Normaliser()
    var known: Set<[UInt32]> = []
    var kept: [Int] = []
    var spelled: [[UInt32]] = []
    for (number, piece) in pieces.enumerated() {
      let scalars = piece.unicodeScalars.map(\.value)
      let words = scalars.map { $0 == PieceSegmenter.space ? 0x20 : $0 }
      let isBorder = scalars == [PieceSegmenter.space]
      guard !scalars.isEmpty, isBorder || normaliser.survives(words), known.insert(scalars).inserted else { continue }
      kept.append(number)
      spelled.append(scalars)
    }
    guard let segmenter = PieceSegmenter(pieces: spelled, scores: kept.map { scores[$0] }) else { return nil }
    var keptRows: [Int8] = []
    keptRows.reserveCapacity(kept.count * dimensions)
    for number in kept {
      keptRows += rows[number * dimensions..<(number + 1) * dimensions]
    }
    return TokenTable(
      dimensions: dimensions, segmenter: segmenter, rows: keptRows, scales: kept.map { scales[$0] })
  }
}

extension Normaliser {
  /// Whether normalising leaves these scalars as they are, but for spaces at the ends.
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
