import DeskCore
import Testing

@testable import Language

@Suite struct SquareMatrixTests {
  private let size = 32

  /// Symmetric positive definite.
  private func matrix(seed: UInt64) -> SquareMatrix {
    var generator = SeededGenerator(seed: seed)
    var matrix = SquareMatrix(zeroOf: size)
    for _ in 0..<2 * size {
      matrix.addOuterProduct(
        (0..<size / 8).map { _ in
          SIMD8<Float>((0..<8).map { _ in Float.random(in: -1...1, using: &generator) })
        })
    }
    matrix.addToDiagonal(1)
    return matrix
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func solvesLinearSystems(seed: UInt64) {
    let matrix = matrix(seed: seed)
    var generator = SeededGenerator(seed: seed + 100)
    let columns = 16
    let wanted = (0..<size * columns).map { _ in Float.random(in: -1...1, using: &generator) }
    var right = [Float](repeating: 0, count: wanted.count)
    for row in 0..<size {
      for column in 0..<columns {
        for place in 0..<size {
          right[row * columns + column] += matrix.values[row * size + place] * wanted[place * columns + column]
        }
      }
    }
    matrix.solve(&right, columns: columns)
    for place in wanted.indices { #expect(abs(right[place] - wanted[place]) < 1e-3) }
  }

  @Test func findsTheStrongestDirections() {
    // Stretches the direction of coordinate c by c + 1, and those beyond 28 ten times more.
    var matrix = SquareMatrix(zeroOf: size)
    for coordinate in 0..<size {
      var row = [SIMD8<Float>](repeating: .zero, count: size / 8)
      row[coordinate >> 3][coordinate & 7] = Float(coordinate > 28 ? 10 * coordinate : coordinate + 1).squareRoot()
      matrix.addOuterProduct(row)
    }
    let directions = matrix.strongestDirections(3, steps: 20)
    for row in 0..<3 {
      let direction = directions[row * size..<(row + 1) * size]
      #expect(abs(direction.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
      #expect(direction.prefix(29).allSatisfy { abs($0) < 1e-3 })
      for other in 0..<row {
        let earlier = directions[other * size..<(other + 1) * size]
        let product = zip(direction, earlier).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        #expect(abs(product) < 1e-4)
      }
    }
  }
}
