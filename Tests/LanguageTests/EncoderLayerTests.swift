import DeskCore
import Testing

@testable import Language

@Suite struct PackedMatrixTests {
  /// The widths that this machine supports.
  static let widths = VectorWidth.allCases.filter { $0.rawValue <= VectorWidth.widest.rawValue }

  @Test("multiplies as defined", arguments: widths, [(1, 1), (2, 7), (9, 32), (17, 130)])
  func multiplies(width: VectorWidth, size: (rows: Int, depth: Int)) {
    var generator = SeededGenerator(seed: 1)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &generator) } }
    let (rows, depth) = size
    let columns = 2 * PackedMatrix.panelColumns
    // Rows overlap, as windows over a text do.
    let left = numbers(rows * 3 + depth)
    let (right, start) = (numbers(depth * columns), numbers(columns))
    let matrix = PackedMatrix(rows: right, depth: depth, columns: columns, start: start)
    // Result rows have gaps between them that must stay unchanged.
    var result = [Float](repeating: 7, count: rows * (columns + 1))
    result.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      matrix.multiply(
        left, starts: (0..<rows).map { Int64($0 * 3) }, into: target,
        starts: (0..<rows).map { Int64($0 * (columns + 1)) }, width: width)
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let expected = (0..<depth).reduce(Double(start[column])) {
          $0 + Double(left[row * 3 + $1]) * Double(right[$1 * columns + column])
        }
        #expect(abs(Double(result[row * (columns + 1) + column]) - expected) < 1e-4)
      }
      #expect(result[row * (columns + 1) + columns] == 7)
    }
  }

  @Test func doesNothingForNoRows() {
    let matrix = PackedMatrix(rows: [Float](repeating: 1, count: 32), depth: 1, columns: 32)
    var result: [Float] = [5]
    matrix.multiply([0], starts: [], into: &result, starts: [])
    #expect(result == [5])
  }
}

@Suite struct ScalingTests {
  @Test func normalisesRowsToZeroMeanAndUnitVariance() {
    var row = (0..<32).map { Float($0 * $0) }
    let factors = (0..<32).map { Float($0 + 1) }
    let shifts = (0..<32).map { -Float($0) }
    let mean = row.reduce(0, +) / 32
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 32
    let expected = row.indices.map { (row[$0] - mean) / variance.squareRoot() * factors[$0] + shifts[$0] }
    SentenceEncoder.Scaling(factors: factors, shifts: shifts).apply(to: &row, count: 32, epsilon: 1e-12)
    for place in row.indices { #expect(abs(row[place] - expected[place]) < 1e-3) }
  }
}

@Suite struct CharacterMapTests {
  private let map: CharacterMap = {
    let (units, replacements) = DoubleArray.make(ToyEncoder.replacements)
    return CharacterMap(units: units, replacements: replacements)
  }()

  @Test(
    "replaces the longest string, collapses spaces and trims the ends",
    arguments: [
      ("", ""), ("plain", "plain"), ("  a\t\u{3000}b  ", "a b"), ("Ｒe", "Re"), ("ﬁ", "fi"), ("fire", "f ire"),
      ("a\u{200B}b", "ab"), ("a \u{200B} b", "a b"), ("wait…", "wait ."), ("a…b", "a . b"), ("退款", "退款"),
      ("\u{3000}", ""),
    ])
  func normalises(text: String, expected: String) {
    #expect(map.normalise(text) == expected.unicodeScalars.map(\.value))
  }

  @Test("tolerates a malformed trie", arguments: [[], [0xFFFF_FFFF], [1 << 10, 0x80FF_FF61, 3]] as [[UInt32]])
  func handlesInvalidInput(units: [UInt32]) {
    let map = CharacterMap(units: units, replacements: [])
    #expect(map.normalise("a b") == Array("a b".unicodeScalars.map(\.value)))
  }
}
