#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension SentenceEncoder {
  /// Returns one row of unit length per text, `dimensions` numbers in blocks of eight. Texts do not affect each other.
  public func encode(_ texts: [String], in workspace: EncoderWorkspace) -> [SIMD8<Float>] {
    var result: [SIMD8<Float>] = []
    result.reserveCapacity(texts.count * shape.output / 8)
    var group: [[Int32]] = []
    var size = 0
    for text in texts {
      let pieces = pieces(of: text, &workspace.segmentation)
      if !group.isEmpty && size + pieces.count > LanguageLimits.encodedTogether {
        result += encode(group, in: workspace)
        group.removeAll(keepingCapacity: true)
        size = 0
      }
      group.append(pieces)
      size += pieces.count
    }
    if !group.isEmpty { result += encode(group, in: workspace) }
    return result
  }

  /// Encodes one batch of texts, given as pieces.
  func encode(_ texts: [[Int32]], in workspace: EncoderWorkspace) -> [SIMD8<Float>] {
    workspace.remember(texts.joined())
    let layout = Layout(texts, border: border)
    let pieces = layout.rows.count
    let features = workspace.features.reserve(pieces * self.features)
    let windows = workspace.windows.reserve(pieces * shape.channels)
    for (number, branch) in branches.enumerated() {
      let states = workspace.states.reserve((layout.rowsWithBorders) * shape.channels)
      firstConvolution(number, layout, into: states, workspace)
      let before = Int64(branch.window.before)
      let channels = Int64(shape.channels)
      branch.second.multiply(
        states, starts: layout.rows.map { ($0 - before) * channels }, into: windows,
        starts: (0..<Int64(pieces)).map { $0 * channels })
      for (place, row) in layout.rows.enumerated() {
        Self.rectify(
          windows + place * shape.channels, plus: states + Int(row) * shape.channels,
          into: features + place * self.features + shape.piece + number * shape.channels, count: shape.channels)
      }
    }
    return sums(texts, features, workspace)
  }

  /// Empty rows between texts, so that a window at a text's edge reads zeros.
  private var border: Int {
    branches.reduce(0) { max($0, $1.window.before, $1.window.pieces - 1 - $1.window.before) }
  }

  /// The layout of a batch's pieces: text after text, with empty rows around each.
  private struct Layout {
    /// The row of each piece.
    private(set) var rows: [Int64] = []
    private(set) var pieces: [Int32] = []
    private(set) var empty: [Int] = []
    private(set) var rowsWithBorders: Int

    init(_ texts: [[Int32]], border: Int) {
      var next = 0
      for text in texts {
        empty += next..<next + border
        next += border
        for piece in text {
          rows.append(Int64(next))
          pieces.append(piece)
          next += 1
        }
      }
      empty += next..<next + border
      rowsWithBorders = next + border
    }
  }

  /// Sums the cached results of the pieces in each window.
  private func firstConvolution(
    _ number: Int, _ layout: Layout, into states: UnsafeMutablePointer<Float>, _ workspace: EncoderWorkspace
  ) {
    let branch = branches[number]
    let channels = shape.channels
    var offset = branches.count * channels
    for earlier in branches[..<number] { offset += earlier.first.columns }
    for row in layout.empty {
      (states + row * channels).update(repeating: 0, count: channels)
    }
    branch.firstBias.withUnsafeBufferPointer { bias in
      guard let bias = bias.baseAddress else { return }
      for row in layout.rows {
        (states + Int(row) * channels).update(from: bias, count: channels)
      }
    }
    // The piece at position p of row r's window is in row r - before + p.
    let firstRow = Int(layout.rows.first ?? 0)
    var isFilled = [Bool](repeating: true, count: layout.rowsWithBorders)
    for row in layout.empty { isFilled[row] = false }
    for (piece, row) in zip(layout.pieces, layout.rows) {
      let source = workspace.recall(piece) + offset
      for place in 0..<branch.window.pieces {
        let target = Int(row) + branch.window.before - place
        guard target >= firstRow, target < layout.rowsWithBorders, isFilled[target] else { continue }
        Self.add(source + place * channels, to: states + target * channels, count: channels)
      }
    }
    for (piece, row) in zip(layout.pieces, layout.rows) {
      let target = states + Int(row) * channels
      Self.rectify(target, plus: workspace.recall(piece) + number * channels, into: target, count: channels)
    }
  }

  /// Normalises each piece's features, sums them over each text and passes the sums through the dense layers.
  private func sums(
    _ texts: [[Int32]], _ features: UnsafeMutablePointer<Float>, _ workspace: EncoderWorkspace
  ) -> [SIMD8<Float>] {
    let width = self.features
    // Side by side for each text: the sum, then the mean and the dense layers one after the other.
    let stride = width + shape.piece + shape.hidden * 2 + shape.output * 2
    let sentences = workspace.sentences.reserve(texts.count * stride)
    var place = 0
    for (number, text) in texts.enumerated() {
      let sum = sentences + number * stride
      sum.update(repeating: 0, count: width)
      for piece in text {
        let row = features + place * width
        rows.write(piece, to: row)
        scaling.apply(to: row, count: width, epsilon: epsilon)
        Self.add(row, to: sum, count: width)
        place += 1
      }
    }
    let mean = width
    let first = mean + shape.piece
    let second = first + shape.hidden
    let third = second + shape.hidden
    let last = third + shape.output
    func starts(_ offset: Int) -> [Int64] { texts.indices.map { Int64($0 * stride + offset) } }
    func layer(_ matrix: PackedMatrix, from: Int, to: Int) {
      matrix.multiply(sentences, starts: starts(from), into: sentences, starts: starts(to))
      for number in texts.indices where to != last && to != mean {
        Self.rectify(sentences + number * stride + to, count: matrix.columns)
      }
    }
    layer(head.projection, from: 0, to: mean)
    for (number, text) in texts.enumerated() {
      let values = sentences + number * stride + mean
      let count = Float(text.count)
      for column in 0..<shape.piece {
        values[column] = (values[column] + count * head.projectionBias[column]) / count.squareRoot()
      }
    }
    layer(head.first, from: mean, to: first)
    layer(head.second, from: mean, to: second)
    layer(head.third, from: second, to: third)
    layer(head.last, from: second, to: last)
    return texts.indices.flatMap { unit(sentences + $0 * stride + last) }
  }

  /// Returns the hyperbolic tangents, scaled to unit length.
  private func unit(_ values: UnsafeMutablePointer<Float>) -> [SIMD8<Float>] {
    var squares: Float = 0
    for column in 0..<shape.output {
      values[column] = tanhf(values[column])
      squares += values[column] * values[column]
    }
    let scale = 1 / max(squares, epsilon).squareRoot()
    return stride(from: 0, to: shape.output, by: 8).map { column in
      UnsafeRawPointer(values + column).loadUnaligned(as: SIMD8<Float>.self) * scale
    }
  }
}

// MARK: - Rows

extension SentenceEncoder {
  @inline(__always)
  private static func load(_ row: UnsafePointer<Float>, _ place: Int) -> SIMD8<Float> {
    UnsafeRawPointer(row + place).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func store(_ values: SIMD8<Float>, _ row: UnsafeMutablePointer<Float>, _ place: Int) {
    UnsafeMutableRawPointer(row + place).storeBytes(of: values, as: SIMD8<Float>.self)
  }

  private static func add(_ row: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    for place in stride(from: 0, to: count, by: 8) {
      store(load(target, place) + load(row, place), target, place)
    }
  }

  /// Rectifies the row and adds another.
  private static func rectify(
    _ row: UnsafePointer<Float>, plus other: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for place in stride(from: 0, to: count, by: 8) {
      let values = load(row, place)
      store(values.replacing(with: 0, where: values .< 0) + load(other, place), target, place)
    }
  }

  /// Rectifies the row in place.
  static func rectify(_ row: UnsafeMutablePointer<Float>, count: Int) {
    for place in stride(from: 0, to: count, by: 8) {
      let values = load(row, place)
      store(values.replacing(with: 0, where: values .< 0), row, place)
    }
  }
}
