@testable import Language

/// An encoder pack of a few pieces in eight dimensions, written byte by byte as `deploy/encoder-pack` does it.
enum ToyEncoder {
  /// Capitals can never be met and must be left out; the scores are logarithms of probabilities.
  static let pieces: [(piece: String, score: Float)] = [
    ("▁", -3), ("▁re", -4), ("▁refund", -5), ("fund", -5), ("▁par", -5), ("cel", -5), ("s", -4), ("退", -5), ("款", -5),
    ("退款", -6), ("▁Refund", -2), ("password", -6),
  ]
  static let dimensions = 8

  static func row(_ piece: Int) -> [Int8] {
    (0..<dimensions).map { Int8(truncatingIfNeeded: (piece * 37 + $0 * 11) % 97 - 48) }
  }

  static func bytes() -> [UInt8] {
    var body = ModelWriter()
    body.integer(UInt32(pieces.count))
    body.integer(UInt32(dimensions))
    body.array(pieces.map(\.score))
    body.array(pieces.map { UInt16($0.piece.utf8.count) })
    for piece in pieces {
      body.raw(Array(piece.piece.utf8))
    }
    body.array(pieces.indices.map { Float($0 + 1) / 127 })
    body.array(pieces.indices.flatMap(row))
    var writer = ModelWriter()
    writer.raw(EncoderPack.magic)
    writer.integer(EncoderPack.formatVersion)
    writer.integer(UInt64(20 + body.bytes.count + 8))
    writer.raw(body.bytes)
    writer.integer(writer.bytes.withUnsafeBytes(Checksum.of))
    return writer.bytes
  }

  static func pack() throws -> EncoderPack { try EncoderPack.decode(bytes()) }
}
