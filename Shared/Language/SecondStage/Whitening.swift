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
    let mean = texts.mean(of: indices)
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
    return PooledTexts.unitRow(turned[...])
  }
}
