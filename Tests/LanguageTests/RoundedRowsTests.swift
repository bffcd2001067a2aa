import DeskCore
import Testing

@testable import Language

@Suite struct RoundedRowsTests {
  private static func rows(_ count: Int, of length: Int) -> [[Float]] {
    var random = SeededGenerator(seed: UInt64(count * 1_000 + length))
    return (0..<count).map { _ in (0..<length).map { _ in Float.random(in: -2...2, using: &random) } }
  }

  @Test(arguments: [1, 8, 31, 32, 33, 512])
  func productsDifferOnlyByRounding(length: Int) {
    let (many, one) = (Self.rows(40, of: length) + [Array(repeating: 0, count: length)], Self.rows(1, of: length)[0])
    for width in VectorWidth.allCases where width.rawValue <= VectorWidth.widest.rawValue {
      let products = RoundedRows(many).products(with: one, width: width)
      #expect(products.count == many.count && products.last == 0)
      for (row, product) in zip(many, products) {
        let exact = zip(row, one).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let step = Double(row.map(abs).max() ?? 0) / 127
        let bound = step / 2 * one.reduce(0) { $0 + Double(abs($1)) } + 1e-3
        #expect(abs(Double(product) - exact) <= bound)
      }
    }
  }

  @Test func noRowsGiveNoProducts() {
    #expect(RoundedRows([]).products(with: []).isEmpty)
  }
}
