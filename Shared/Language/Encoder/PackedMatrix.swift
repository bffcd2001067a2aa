internal import CVector

/// The number of floats per vector instruction.
enum VectorWidth: Int, Sendable, CaseIterable {
  case four = 4
  case eight = 8
  case sixteen = 16

  /// The widest that this machine supports.
  static let widest = VectorWidth(rawValue: Int(vector_lanes())) ?? .four
}

/// A matrix packed for multiplication from the left: columns in panels, padded with zeros to a whole panel.
struct PackedMatrix: Sendable {
  static let panelColumns = VECTOR_PANEL_COLUMNS

  /// Number of rows: the length of a row of the left operand.
  let depth: Int
  /// A multiple of `panelColumns`.
  let columns: Int
  /// The initial value of each column's sum.
  let start: [Float]
  private let panels: [Float]

  /// - Parameters:
  ///   - rows: `depth` rows of `columns` numbers.
  ///   - start: nil for zeros.
  init(rows: [Float], depth: Int, columns: Int, start: [Float]? = nil) {
    precondition(rows.count == depth * columns && columns % Self.panelColumns == 0, "whole panels")
    precondition(start.map { $0.count == columns } ?? true, "one start per column")
    self.depth = depth
    self.columns = columns
    self.start = start ?? [Float](repeating: 0, count: columns)
    var panels: [Float] = []
    panels.reserveCapacity(rows.count)
    for first in stride(from: 0, to: columns, by: Self.panelColumns) {
      for row in 0..<depth {
        panels += rows[row * columns + first..<row * columns + first + Self.panelColumns]
      }
    }
    self.panels = panels
  }

  /// Multiplies rows of the left operand by this matrix.
  ///
  /// - Parameters:
  ///   - left: the rows; they may overlap, which implements a sliding window over a text.
  ///   - leftStarts: the start of each row of `depth` numbers.
  ///   - result: the destination of rows of `columns` numbers, which must not overlap the input.
  ///   - resultStarts: the start of each result row.
  func multiply(
    _ left: UnsafePointer<Float>, starts leftStarts: [Int64], into result: UnsafeMutablePointer<Float>,
    starts resultStarts: [Int64], width: VectorWidth = .widest
  ) {
    precondition(leftStarts.count == resultStarts.count, "one result per row")
    guard !leftStarts.isEmpty else { return }
    let (rows, depth, columns) = (Int64(leftStarts.count), Int64(depth), Int64(columns))
    switch width {
    #if arch(x86_64)
      case .sixteen: vector_multiply_512(left, leftStarts, rows, panels, depth, columns, start, result, resultStarts)
      case .eight: vector_multiply_256(left, leftStarts, rows, panels, depth, columns, start, result, resultStarts)
    #endif
    default: vector_multiply_128(left, leftStarts, rows, panels, depth, columns, start, result, resultStarts)
    }
  }

  /// Multiplies contiguous rows of the left operand by this matrix.
  func product(of rows: UnsafePointer<Float>, count: Int) -> [Float] {
    let places = Int64(0)..<Int64(count)
    return [Float](unsafeUninitializedCapacity: count * columns) { target, initialized in
      initialized = count * columns
      guard let target = target.baseAddress else { return }
      multiply(
        rows, starts: places.map { $0 * Int64(depth) }, into: target, starts: places.map { $0 * Int64(columns) })
    }
  }
}
