internal import CVector

/// Many rows of numbers, each rounded to 255 steps of a size of its own, which one other row is held against.
///
/// Held against 10,000 rows of 512 numbers, a row waits for memory and not for arithmetic: a byte in place of a float takes a quarter of
/// the time. What rounding changes in a product is at most half a step times the sum of the other row's absolute values.
struct RoundedRows: Sendable {
  /// The largest step, in either direction.
  static let largestStep: Float = 127

  /// Numbers of a row, filled up with zeros for the loop that reads it.
  private let depth: Int
  private let steps: [Int8]
  private let scales: [Float]

  /// The number of rows.
  var count: Int { scales.count }

  /// - Parameter rows: of one length.
  init(_ rows: [[Float]]) {
    let panel = PackedMatrix.panelColumns
    depth = ((rows.first?.count ?? 0) + panel - 1) / panel * panel
    var steps: [Int8] = []
    var scales: [Float] = []
    steps.reserveCapacity(rows.count * depth)
    for row in rows {
      precondition(row.count <= depth, "rows are of one length")
      let rounded = Self.rounded(row)
      steps += rounded.steps
      steps += repeatElement(0, count: depth - row.count)
      scales.append(rounded.scale)
    }
    self.steps = steps
    self.scales = scales
  }

  /// The nearest steps of a row, its largest number being `largestStep` of them, and what a step is worth.
  static func rounded(_ row: some Collection<Float>) -> (steps: [Int8], scale: Float) {
    let scale = (row.lazy.map(abs).max() ?? 0) / largestStep
    return (row.map { scale > 0 ? Int8(($0 / scale).rounded()) : 0 }, scale)
  }

  /// The product of a row with each of these.
  /// - Parameter row: as long as they are.
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
