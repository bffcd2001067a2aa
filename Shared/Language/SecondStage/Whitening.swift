/// Partially whitens sentence rows: subtracts their mean and rescales each principal direction by the inverse fourth root of its
/// variance, so that directions of large variance count less and rare ones more. Then scales to unit length.
///
/// A desk's messages are all about the same few topics, so that most of what the encoder says about them is common to all.
struct Whitening: Sendable {
  let mean: [Float]
  let matrix: PackedMatrix
  /// The matrix in row-major order, as stored in a model file.
  let rows: [Float]

  /// Variances below this share of the mean variance are treated as noise and not raised further.
  private static let floor: Float = 0.01
  /// Iterations per root; a tenth of them suffices for a well-conditioned matrix.
  private static let steps = 30

  var dimensions: Int { mean.count }

  init(mean: [Float], rows: [Float]) {
    self.mean = mean
    self.rows = rows
    matrix = PackedMatrix(rows: rows, depth: mean.count, columns: mean.count)
  }

  /// Learns from the given rows of `texts`, whose width is a multiple of `PackedMatrix.panelColumns`.
  init(_ texts: PooledTexts, indices: [Int]) {
    let size = texts.blocks * 8
    let mean = texts.mean(of: indices)
    var covariance = SquareMatrix(zeroOf: size)
    for index in indices {
      covariance.addOuterProduct(zip(texts.row(index), mean).map { $0 - $1 })
    }
    let trace = max(covariance.trace, 1e-12)
    covariance.scale(by: Float(size) / trace)
    covariance.addToDiagonal(Self.floor)
    // The square root, then the inverse square root of that: together the inverse fourth root.
    let root = covariance.roots(steps: Self.steps).root
    self.init(
      mean: mean.flatMap { block in (0..<8).map { block[$0] } }, rows: root.roots(steps: Self.steps).inverse.values)
  }

  /// Returns the rows of the texts, whitened.
  func apply(to texts: PooledTexts) -> PooledTexts {
    var result = PooledTexts(blocks: texts.blocks)
    for index in 0..<texts.count {
      result.append(apply(to: texts.row(index)))
    }
    return result
  }

  /// Returns one row, whitened.
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
    return PooledTexts.unitRow(turned[...])
  }
}
