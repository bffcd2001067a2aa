/// A sentence encoder: maps a text to a unit vector near those of texts with similar meaning, across languages.
///
/// The layers, as in the convolutional multilingual Universal Sentence Encoder (Yang et al., 2019): each word piece has an
/// embedding row; its normalised projection goes through `branches` parallel windows of pieces, each a pair of
/// convolutions with a residual connection; the pieces' rows and windows together are normalised, summed over the text, and four
/// dense layers with skip connections turn the sum into one row of unit length.
///
/// It is immutable and purely arithmetic. State that is kept between texts is in an `EncoderWorkspace`.
public struct SentenceEncoder: Sendable {
  /// Sizes, each a multiple of `PackedMatrix.panelColumns`.
  struct Shape: Sendable, Equatable {
    /// Numbers per piece.
    var piece: Int
    /// Numbers per piece and branch.
    var channels: Int
    /// Dimensions of the narrow dense layers.
    var hidden: Int
    /// Numbers per text.
    var output: Int
  }

  /// The pieces around each piece that a branch reads.
  struct Window: Sendable, Equatable {
    /// Pieces, itself included.
    var pieces: Int
    /// Those of them before it.
    var before: Int
  }

  /// One branch's convolutions.
  struct Branch: Sendable {
    var window: Window
    /// The first convolution for each position of the window, side by side: computed once per piece because it depends on nothing else.
    var first: PackedMatrix
    /// The bias of the first convolution.
    var firstBias: [Float]
    /// The second convolution over the whole window, including its bias.
    var second: PackedMatrix
  }

  /// Scale and shift of a layer normalisation.
  struct Scaling: Sendable {
    var factors: [Float]
    var shifts: [Float]
  }

  /// The dense layers; the second and the last take two rows that lie side by side.
  struct Head: Sendable {
    /// Sums over the text to `piece` numbers; its bias counts once per piece.
    var projection: PackedMatrix
    var projectionBias: [Float]
    var first: PackedMatrix
    var second: PackedMatrix
    var third: PackedMatrix
    var last: PackedMatrix
  }

  let shape: Shape
  let epsilon: Float
  let map: CharacterMap
  let segmenter: PieceSegmenter
  let rows: PieceRows
  let projection: PackedMatrix
  let projectionScaling: Scaling
  let branches: [Branch]
  let scaling: Scaling
  let head: Head
  /// Identifies the weights, so that a model is only used with those it was trained with.
  public let fingerprint: UInt64

  /// Numbers per text.
  public var dimensions: Int { shape.output }

  /// Numbers per piece before the sum: its own and every branch's.
  var features: Int { shape.piece + branches.count * shape.channels }

  /// Numbers cached per piece: its projection, and the first convolution for each position of each window.
  var remembered: Int { branches.reduce(0) { $0 + (1 + $1.window.pieces) * shape.channels } }
}

/// The encoder's embedding rows of word pieces, one byte per number.
struct PieceRows: Sendable {
  let dimensions: Int
  /// `dimensions` steps per piece.
  let steps: [UInt8]
  /// The value of one step of each piece.
  let scales: [Float]
  /// The value of step 0 of each piece.
  let lowest: [Float]

  /// The last three are the unknown piece and the text boundaries.
  var count: Int { scales.count }
  var unknown: Int32 { Int32(count - 3) }
  var begin: Int32 { Int32(count - 2) }
  var end: Int32 { Int32(count - 1) }

  /// Writes the piece's numbers.
  @inline(__always)
  func write(_ piece: Int32, to target: UnsafeMutablePointer<Float>) {
    let scale = SIMD8<Float>(repeating: scales[Int(piece)])
    let lowest = SIMD8<Float>(repeating: lowest[Int(piece)])
    let from = Int(piece) * dimensions
    steps.withUnsafeBytes { steps in
      let target = UnsafeMutableRawPointer(target)
      for place in stride(from: 0, to: dimensions, by: 8) {
        let values = steps.loadUnaligned(fromByteOffset: from + place, as: SIMD8<UInt8>.self)
        target.storeBytes(
          of: SIMD8<Float>(values) * scale + lowest, toByteOffset: place * 4, as: SIMD8<Float>.self)
      }
    }
  }
}

/// A short description: otherwise logging a value that contains it (service groups describe their services at start) would
/// write out millions of numbers, which takes a minute.
extension SentenceEncoder: CustomStringConvertible {
  public var description: String { "SentenceEncoder(\(String(fingerprint, radix: 16)))" }
}
