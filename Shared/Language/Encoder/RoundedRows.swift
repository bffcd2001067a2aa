internal import CVector

/// Many rows of numbers, each quantised to 255 steps with its own scale, for dot products with another row.
///
/// With 10,000 rows of 512 numbers the product is limited by memory bandwidth, not arithmetic: bytes instead of floats take a quarter
/// of the time. The rounding error of a product is at most half a step times the sum of the other row's absolute values.
struct RoundedRows: Sendable {
  /// The largest step, in either direction.
  static let largestStep: Float = 127

  /// The length of a row, padded with zeros for the inner loop.
  private let depth: Int
  private let steps: [Int8]
  private let scales: [Float]

  /// The number of rows.
  var count: Int { scales.count }

  /// - Parameter rows: all of the same length.
  init(_ rows: [[Float]]) {
    let panel = PackedMatrix.panelColumns
    depth = ((rows.first?.count ?? 0) + panel - 1) / panel * panel
    var steps: [Int8] = []
    var scales: [Float] = []
    steps.reserveCapacity(rows.count * depth)
    for row in rows {
      precondition(row.count <= depth, "rows have the same length")
      let rounded = Self.rounded(row)
      steps += rounded.steps
      steps += repeatElement(0, count: depth - row.count)
      scales.append(rounded.scale)
    }
    self.steps = steps
    self.scales = scales
  }

  /// Returns a row rounded to steps, its largest number being `largestStep` steps, and the value of a step.
  static func rounded(_ row: some Collection<Float>) -> (steps: [Int8], scale: Float) {
    let scale = (row.lazy.map(abs).max() ?? 0) / largestStep
    return (row.map { scale > 0 ? Int8(($0 / scale).rounded()) : 0 }, scale)
  }

  /// Returns the dot product of a row with each of these rows.
  /// - Parameter row: of the same length.
  func products(with row: [Float], width: VectorWidth = .widest) -> [Float] {
    guard self.count > 0 else { return [] }
    let (count, depth) = (Int64(count), Int64(depth))
    let left = row + repeatElement(0, count: self.depth - row.count)
    return [Float](unsafeUninitializedCapacity: self.count) { result, initialized in
      initialized = self.count
      guard let start = result.baseAddress else { return }
      switch width {
      #if arch(x86_64)
        case .sixteen: vector_products_512(left, steps, scales, count, depth, start)
        case .eight: vector_products_256(left, steps, scales, count, depth, start)
      #endif
      default: vector_products_128(left, steps, scales, count, depth, start)
      }
    }
  }
}
