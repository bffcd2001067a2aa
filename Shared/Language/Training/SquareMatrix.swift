import DeskCore

/// A square matrix in row-major order; its size is a multiple of `PackedMatrix.panelColumns`.
struct SquareMatrix {
  let size: Int
  private(set) var values: [Float]

  init(zeroOf size: Int) {
    self.init(size: size, values: [Float](repeating: 0, count: size * size))
  }

  init(size: Int, values: [Float]) {
    precondition(values.count == size * size, "size × size values")
    self.size = size
    self.values = values
  }

  init(identityOf size: Int) {
    self.init(zeroOf: size)
    addToDiagonal(1)
  }

  var trace: Float { (0..<size).reduce(0) { $0 + values[$1 * size + $1] } }

  mutating func scale(by factor: Float) {
    for place in values.indices { values[place] *= factor }
  }

  mutating func addToDiagonal(_ value: Float) {
    for place in 0..<size { values[place * size + place] += value }
  }

  /// Adds the outer product of the row with itself.
  mutating func addOuterProduct(_ row: [SIMD8<Float>]) {
    values.withUnsafeMutableBytes { values in
      for first in 0..<size {
        let factor = SIMD8<Float>(repeating: row[first >> 3][first & 7])
        for block in row.indices {
          let place = (first * size + block * 8) * 4
          let sum = values.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self) + factor * row[block]
          values.storeBytes(of: sum, toByteOffset: place, as: SIMD8<Float>.self)
        }
      }
    }
  }

  func times(_ other: SquareMatrix) -> SquareMatrix {
    let packed = PackedMatrix(rows: other.values, depth: size, columns: size)
    return SquareMatrix(size: size, values: packed.product(of: values, count: size))
  }

  /// Returns the square root of a symmetric positive-definite matrix and its inverse: the coupled Newton iteration
  /// (Denman and Beavers, 1976; in Schulz's form, which needs products only).
  func roots(steps: Int) -> (root: SquareMatrix, inverse: SquareMatrix) {
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var root = self
    root.scale(by: 1 / length)
    var inverse = SquareMatrix(identityOf: size)
    for _ in 0..<steps {
      var step = inverse.times(root)
      step.scale(by: -0.5)
      step.addToDiagonal(1.5)
      let change = (0..<size).reduce(Float(0)) { max($0, abs(step.values[$1 * size + $1] - 1)) }
      root = root.times(step)
      inverse = step.times(inverse)
      if change < 1e-5 { break }
    }
    root.scale(by: length.squareRoot())
    inverse.scale(by: 1 / length.squareRoot())
    return (root, inverse)
  }
}

// MARK: - Solving

extension SquareMatrix {
  /// Solves `self · x = right` for a symmetric positive-definite matrix by Cholesky decomposition.
  ///
  /// - Parameters:
  ///   - right: `size` rows of `columns` numbers; contains x on return.
  ///   - columns: a multiple of 8.
  func solve(_ right: inout [Float], columns: Int) {
    precondition(right.count == size * columns && columns % 8 == 0, "one row per matrix row, in blocks of eight")
    let lower = lowerFactor()
    right.withUnsafeMutableBufferPointer { right in
      guard let right = right.baseAddress else { return }
      for row in 0..<size {
        for earlier in 0..<row {
          Self.add(right + earlier * columns, times: -lower[row * size + earlier], to: right + row * columns, columns)
        }
        Self.divide(right + row * columns, by: lower[row * size + row], columns)
      }
      for row in (0..<size).reversed() {
        for later in row + 1..<size {
          Self.add(right + later * columns, times: -lower[later * size + row], to: right + row * columns, columns)
        }
        Self.divide(right + row * columns, by: lower[row * size + row], columns)
      }
    }
  }

  /// Returns the lower Cholesky factor; entries above its diagonal are undefined.
  private func lowerFactor() -> [Float] {
    var lower = values
    lower.withUnsafeMutableBufferPointer { lower in
      guard let base = lower.baseAddress else { return }
      for row in 0..<size {
        for column in 0...row {
          let rest =
            base[row * size + column] - Self.product(base + row * size, base + column * size, count: column)
          base[row * size + column] =
            row == column ? max(rest, .leastNormalMagnitude).squareRoot() : rest / base[column * size + column]
        }
      }
    }
    return lower
  }

  /// Returns the dominant eigenvectors of a symmetric positive-semidefinite matrix as orthonormal rows: orthogonal iteration
  /// (Golub and Van Loan, 8.2.4).
  ///
  /// - Parameter count: at most `size`.
  func strongestDirections(_ count: Int, steps: Int) -> [Float] {
    var generator = SeededGenerator(seed: 1)
    var rows = (0..<count * size).map { _ in Float.random(in: -1...1, using: &generator) }
    let packed = PackedMatrix(rows: values, depth: size, columns: size)
    Self.straighten(&rows, size: size)
    for _ in 0..<steps {
      rows = packed.product(of: rows, count: count)
      Self.straighten(&rows, size: size)
    }
    return rows
  }

  /// Orthonormalises the rows (Gram-Schmidt).
  private static func straighten(_ rows: inout [Float], size: Int) {
    rows.withUnsafeMutableBufferPointer { rows in
      guard let base = rows.baseAddress else { return }
      for row in 0..<rows.count / size {
        let target = base + row * size
        // Twice, because the rounding error of a single pass would grow from row to row.
        for _ in 0..<2 {
          for earlier in 0..<row {
            let other = base + earlier * size
            add(other, times: -product(target, other, count: size), to: target, size)
          }
        }
        divide(target, by: max(product(target, target, count: size), .leastNormalMagnitude).squareRoot(), size)
      }
    }
  }

  private static func product(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int) -> Float {
    var sums = SIMD8<Float>.zero
    let whole = count & ~7
    for place in stride(from: 0, to: whole, by: 8) {
      sums += load(left + place) * load(right + place)
    }
    return (whole..<count).reduce(sums.sum()) { $0 + left[$1] * right[$1] }
  }

  private static func add(
    _ row: UnsafePointer<Float>, times factor: Float, to target: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for place in stride(from: 0, to: count, by: 8) {
      store(load(target + place) + load(row + place) * factor, target + place)
    }
  }

  private static func divide(_ row: UnsafeMutablePointer<Float>, by divisor: Float, _ count: Int) {
    for place in stride(from: 0, to: count, by: 8) { store(load(row + place) / divisor, row + place) }
  }

  @inline(__always)
  private static func load(_ place: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func store(_ values: SIMD8<Float>, _ place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: values, as: SIMD8<Float>.self)
  }
}
