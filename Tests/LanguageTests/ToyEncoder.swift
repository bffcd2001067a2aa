import DeskCore

@testable import Language

/// An encoder pack of a few pieces, written byte by byte like `deploy/encoder-pack` does, with an encoder of the smallest possible
/// size and weights drawn from a seed.
enum ToyEncoder {
  /// Pieces with capitals cannot occur in the word table and must be omitted there; the scores are logarithms of probabilities.
  static let pieces: [(piece: String, score: Float)] = [
    ("▁", -3), ("▁re", -4), ("▁refund", -5), ("fund", -5), ("▁par", -5), ("cel", -5), ("s", -4), ("退", -5), ("款", -5),
    ("退款", -6), ("▁Refund", -2), ("password", -6),
  ]
  static let shape = SentenceEncoder.Shape(piece: 32, channels: 32, hidden: 64, output: 32)
  static let windows = [SentenceEncoder.Window(pieces: 2, before: 0), SentenceEncoder.Window(pieces: 3, before: 1)]
  static let epsilon: Float = 1e-6
  /// The replacements of the encoder's own normalisation.
  static let replacements: [(from: String, to: String)] = [
    ("\t", " "), ("\u{3000}", " "), ("Ｒ", "R"), ("ﬁ", "fi"), ("fi", "f i"), ("\u{200B}", ""), ("…", " . "),
  ]

  static func bytes(seed: UInt64 = 3) -> [UInt8] {
    var body = ModelWriter()
    body.integer(UInt32(pieces.count))
    body.array(pieces.map(\.score))
    body.array(pieces.map { UInt16($0.piece.utf8.count) })
    for piece in pieces {
      body.raw(Array(piece.piece.utf8))
    }
    ToyWeights(seed: seed).write(to: &body)
    var writer = ModelWriter()
    writer.raw(EncoderPack.magic)
    writer.integer(EncoderPack.formatVersion)
    writer.integer(UInt64(20 + body.bytes.count + 8))
    writer.raw(body.bytes)
    writer.integer(writer.bytes.withUnsafeBytes(Checksum.of))
    return writer.bytes
  }

  static func pack(seed: UInt64 = 3) throws -> EncoderPack { try EncoderPack.decode(bytes(seed: seed)) }
}

/// The numbers of the toy encoder, in file order.
struct ToyWeights {
  typealias Matrix = [[Float]]
  struct Branch {
    let window: SentenceEncoder.Window
    let first: Matrix
    let firstBias: [Float]
    let second: Matrix
    let secondBias: [Float]
  }

  let scales: [Float]
  let lowest: [Float]
  let steps: [[UInt8]]
  let projection: Matrix
  let projectionBias: [Float]
  let projectionFactors: [Float]
  let projectionShifts: [Float]
  let branches: [Branch]
  let factors: [Float]
  let shifts: [Float]
  let sum: Matrix
  let sumBias: [Float]
  let first: Matrix
  let second: Matrix
  let third: Matrix
  let last: Matrix

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    func numbers(_ count: Int, _ range: ClosedRange<Float> = -0.3...0.3) -> [Float] {
      (0..<count).map { _ in Float.random(in: range, using: &generator) }
    }
    func matrix(_ rows: Int, _ columns: Int) -> Matrix { (0..<rows).map { _ in numbers(columns) } }
    let shape = ToyEncoder.shape
    let count = ToyEncoder.pieces.count + 3
    let width = ToyEncoder.windows.count * shape.channels
    scales = numbers(count, 0.001...0.01)
    lowest = numbers(count, -1...0)
    steps = (0..<count).map { _ in (0..<shape.piece).map { _ in UInt8.random(in: 0...255, using: &generator) } }
    projection = matrix(shape.piece, width)
    projectionBias = numbers(width)
    projectionFactors = numbers(width, 0.5...1.5)
    projectionShifts = numbers(width)
    branches = ToyEncoder.windows.map { window in
      Branch(
        window: window, first: matrix(window.pieces * shape.channels, shape.channels),
        firstBias: numbers(shape.channels), second: matrix(window.pieces * shape.channels, shape.channels),
        secondBias: numbers(shape.channels))
    }
    factors = numbers(shape.piece + width, 0.5...1.5)
    shifts = numbers(shape.piece + width)
    sum = matrix(shape.piece + width, shape.piece)
    sumBias = numbers(shape.piece)
    first = matrix(shape.piece, shape.hidden)
    second = matrix(shape.piece + shape.hidden, shape.hidden)
    third = matrix(shape.hidden, shape.output)
    last = matrix(shape.hidden + shape.output, shape.output)
  }

  func write(to body: inout ModelWriter) {
    let shape = ToyEncoder.shape
    for size in [shape.piece, shape.channels, shape.hidden, shape.output] { body.integer(UInt32(size)) }
    body.integer(ToyEncoder.epsilon.bitPattern)
    let (units, replacements) = DoubleArray.make(ToyEncoder.replacements)
    body.integer(UInt32(units.count))
    body.array(units)
    body.integer(UInt32(replacements.count))
    body.array(replacements)
    body.array(scales)
    body.array(lowest)
    body.array(steps.flatMap { $0 })
    body.integer(UInt32(branches.count))
    body.array(projection.flatMap { $0 })
    for row in [projectionBias, projectionFactors, projectionShifts] { body.array(row) }
    for branch in branches {
      body.integer(UInt32(branch.window.pieces))
      body.integer(UInt32(branch.window.before))
      body.array(branch.first.flatMap { $0 })
      body.array(branch.firstBias)
      body.array(branch.second.flatMap { $0 })
      body.array(branch.secondBias)
    }
    body.array(factors)
    body.array(shifts)
    body.array(sum.flatMap { $0 })
    body.array(sumBias)
    for matrix in [first, second, third, last] { body.array(matrix.flatMap { $0 }) }
  }
}

/// Builds the trie of a character map in the simple way: for each node the first offset at which all its children fit.
enum DoubleArray {
  private final class Node {
    var children: [UInt8: Node] = [:]
    var value: UInt32?
  }

  static func make(_ pairs: [(from: String, to: String)]) -> (units: [UInt32], replacements: [UInt8]) {
    var replacements: [UInt8] = []
    let root = Node()
    for (from, to) in pairs {
      var node = root
      for byte in from.utf8 {
        let child = node.children[byte] ?? Node()
        node.children[byte] = child
        node = child
      }
      node.value = UInt32(replacements.count)
      replacements += Array(to.utf8) + [0]
    }
    var units = [UInt32](repeating: 0, count: 4_096)
    var taken: Set<Int> = [0]
    place(root, at: 0, label: 0, &units, &taken)
    return (units, replacements)
  }

  private static func place(
    _ node: Node, at position: Int, label: UInt8, _ units: inout [UInt32], _ taken: inout Set<Int>
  ) {
    // A value takes the child of byte 0.
    let labels = node.children.keys.map(Int.init) + (node.value == nil ? [] : [0])
    var offset = 1
    while labels.contains(where: { taken.contains(position ^ offset ^ $0) }) { offset += 1 }
    units[position] = UInt32(offset) << 10 | UInt32(label) | (node.value == nil ? 0 : 0x100)
    for label in labels { taken.insert(position ^ offset ^ label) }
    if let value = node.value { units[position ^ offset] = value | 0x8000_0000 }
    for (label, child) in node.children.sorted(by: { $0.key < $1.key }) {
      place(child, at: position ^ offset ^ Int(label), label: label, &units, &taken)
    }
  }
}
