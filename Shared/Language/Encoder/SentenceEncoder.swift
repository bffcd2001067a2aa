/// A sentence encoder: a text becomes a direction in space, near those of texts that mean alike, in whatever language.
///
/// The layers, as in the multilingual Universal Sentence Encoder's convolutional form (Yang and others, 2019): each word piece has
/// a row of numbers; a projection of it, scaled, goes through `branches` windows of pieces side by side, each a pair of
/// convolutions with what came in added on; the pieces' rows and windows together are scaled, summed over the text, and four
/// dense layers, each of them also fed past its neighbour, make one row of unit length of the sum.
///
/// It is immutable and knows no more than arithmetic. What is remembered from text to text lies in an `EncoderWorkspace`.
public struct SentenceEncoder: Sendable {
  /// Sizes, each a multiple of `PackedMatrix.panelColumns`.
  struct Shape: Sendable, Equatable {
    /// Numbers per piece.
    var piece: Int
    /// Numbers per piece and branch.
    var channels: Int
    /// Numbers of the narrow dense layers.
    var hidden: Int
    /// Numbers per text.
    var output: Int
  }

  /// Pieces around each piece that a branch looks at.
  struct Window: Sendable, Equatable {
    /// Pieces, itself included.
    var pieces: Int
    /// Those of them before it.
    var before: Int
  }

  /// One branch's convolutions.
  struct Branch: Sendable {
    var window: Window
    /// The first convolution for each place of the window side by side: it is made once per piece, for it depends on nothing else.
    var first: PackedMatrix
    /// What the first convolution starts from.
    var firstBias: [Float]
    /// The second convolution over the whole window, its bias included.
    var second: PackedMatrix
  }

  /// A scale and a shift for numbers that were brought to mean 0 and variance 1.
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
  /// Names these very weights, so that a model is never used with others than those it was trained with.
  public let fingerprint: UInt64

  /// Numbers per text.
  public var dimensions: Int { shape.output }

  /// Numbers per piece before they are summed: its own and every branch's.
  var features: Int { shape.piece + branches.count * shape.channels }

  /// Numbers kept for a piece: its projection, and the first convolution for each place of each window.
  var remembered: Int { branches.reduce(0) { $0 + (1 + $1.window.pieces) * shape.channels } }
}

/// What the encoder knows of each word piece, one byte a number.
struct PieceRows: Sendable {
  let dimensions: Int
  /// `dimensions` steps per piece.
  let steps: [UInt8]
  /// What one step of each piece is worth.
  let scales: [Float]
  /// What step 0 of each piece stands for.
  let lowest: [Float]

  /// The last three are the unknown piece and the borders of a text.
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

/// A word and no more: whoever logs what it lies in (service groups describe their services at the start) would else write out
/// millions of numbers, which takes a minute.
extension SentenceEncoder: CustomStringConvertible {
  public var description: String { "SentenceEncoder(\(String(fingerprint, radix: 16)))" }
}
