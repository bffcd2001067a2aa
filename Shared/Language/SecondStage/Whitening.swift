/// Evens out in which directions sentences differ: moved to their mean and turned so that directions in which all messages of a
/// desk differ a lot count less, and rare ones more, each by the fourth root of the variance there. Then scaled to unit length.
///
/// A desk's messages all speak of the same few things, so that most of what the encoder says of them is the same for all.
struct Whitening: Sendable {
  let mean: [Float]
  let matrix: PackedMatrix
  /// The matrix row by row, as a model file holds it.
  let rows: [Float]

  /// Variances below this share of the mean variance are taken for noise and not raised further.
  private static let floor: Float = 0.01
  /// Steps of each root; ten times fewer suffice for a well-formed matrix.
  private static let steps = 30

  var dimensions: Int { mean.count }

  init(mean: [Float], rows: [Float]) {
    self.mean = mean
    self.rows = rows
    matrix = PackedMatrix(rows: rows, depth: mean.count, columns: mean.count)
  }

  /// Learns from the given rows of `texts`, whose numbers are a multiple of `PackedMatrix.panelColumns`.
  init(_ texts: PooledTexts, indices: [Int]) {
    let size = texts.blocks * 8
    var mean = [SIMD8<Float>](repeating: .zero, count: texts.blocks)
    for index in indices {
      for (block, values) in texts.row(index).enumerated() { mean[block] += values }
    }
    for block in mean.indices { mean[block] /= Float(max(1, indices.count)) }
    var covariance = SquareMatrix(zeroOf: size)
    for index in indices {
      covariance.addOuterProduct(zip(texts.row(index), mean).map { $0 - $1 })
    }
    let trace = max(covariance.trace, 1e-12)
    covariance.scale(by: Float(size) / trace)
    covariance.addToDiagonal(Self.floor)
    // A root, and of the root the inverse of its root: together the inverse fourth root.
    let root = covariance.roots(steps: Self.steps).root
    self.init(
      mean: mean.flatMap { block in (0..<8).map { block[$0] } }, rows: root.roots(steps: Self.steps).inverse.values)
  }

  /// Rows of the texts, evened.
  func apply(to texts: PooledTexts) -> PooledTexts {
    var result = PooledTexts(blocks: texts.blocks)
    for index in 0..<texts.count {
      result.append(apply(to: texts.row(index)))
    }
    return result
  }

  /// One row, evened.
  func apply(to row: ArraySlice<SIMD8<Float>>) -> [SIMD8<Float>] {
    var moved: [Float] = []
    moved.reserveCapacity(dimensions)
    for (block, values) in row.enumerated() {
      for lane in 0..<8 { moved.append(values[lane] - mean[block * 8 + lane]) }
    }
    var turned = [Float](repeating: 0, count: dimensions)
    turned.withUnsafeMutableBufferPointer { target in
      if let target = target.baseAddress { matrix.multiply(moved, starts: [0], into: target, starts: [0]) }
    }
    let length = turned.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = length > 0 ? 1 / length : 0
    return stride(from: 0, to: dimensions, by: 8).map { place in
      var block = SIMD8<Float>.zero
      for lane in 0..<8 { block[lane] = turned[place + lane] * scale }
      return block
    }
  }
}

/// A square matrix, row by row; its size is a multiple of `PackedMatrix.panelColumns`.
struct SquareMatrix {
  let size: Int
  private(set) var values: [Float]

  init(zeroOf size: Int) {
    self.size = size
    values = [Float](repeating: 0, count: size * size)
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

  /// Adds the product of every two numbers of the row.
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
    var result = SquareMatrix(zeroOf: size)
    let packed = PackedMatrix(rows: other.values, depth: size, columns: size)
    let starts = (0..<size).map { Int64($0 * size) }
    result.values.withUnsafeMutableBufferPointer { target in
      if let target = target.baseAddress { packed.multiply(values, starts: starts, into: target, starts: starts) }
    }
    return result
  }

  /// The root of a symmetric matrix with eigenvalues above zero, and the root's inverse: Newton's iteration coupled for both
  /// (Denman and Beavers, 1976; in the form of Schulz, which needs products only).
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
