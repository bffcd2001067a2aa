/// Per-piece computations.
extension SentenceEncoder {
  /// Fills the cache row of each piece: its scaled projection, then every branch's first convolution for each position of
  /// its window.
  ///
  /// - Parameters:
  ///   - target: `remembered` numbers per piece.
  ///   - rows: scratch memory.
  func project(_ pieces: [Int32], into target: UnsafeMutablePointer<Float>, rows: EncoderWorkspace.Buffer) {
    let source = rows.reserve(pieces.count * shape.piece)
    let stride = Int64(remembered)
    let targets = (0..<Int64(pieces.count)).map { $0 * stride }
    project(pieces, into: source, stride: shape.piece, projections: target, starts: targets)
    let width = branches.count * shape.channels
    var offset = width
    for (number, branch) in branches.enumerated() {
      branch.first.multiply(
        target + number * shape.channels, starts: targets, into: target + offset, starts: targets)
      offset += branch.first.columns
    }
  }

  /// Returns each piece's own features: its row and its rectified projection; `features` numbers per piece.
  func alone(_ pieces: [Int32]) -> [Float] {
    let width = features
    return [Float](unsafeUninitializedCapacity: pieces.count * width) { target, initialized in
      initialized = pieces.count * width
      guard let target = target.baseAddress else { return }
      let starts = pieces.indices.map { Int64($0 * width + shape.piece) }
      project(pieces, into: target, stride: width, projections: target, starts: starts)
      for start in starts { Self.rectify(target + Int(start), count: width - shape.piece) }
    }
  }

  /// Writes the row of each piece and its scaled projection.
  private func project(
    _ pieces: [Int32], into source: UnsafeMutablePointer<Float>, stride: Int,
    projections: UnsafeMutablePointer<Float>, starts: [Int64]
  ) {
    for (place, piece) in pieces.enumerated() {
      rows.write(piece, to: source + place * stride)
    }
    projection.multiply(source, starts: pieces.indices.map { Int64($0 * stride) }, into: projections, starts: starts)
    for start in starts {
      projectionScaling.apply(
        to: projections + Int(start), count: branches.count * shape.channels, epsilon: epsilon)
    }
  }

  /// Returns the pieces of a text, including the boundary pieces; at most `LanguageLimits.encodedPieces`.
  func pieces(of text: String, _ scratch: inout PieceSegmenter.Scratch) -> [Int32] {
    segmenter.segment(map.normalise(text), &scratch, unknown: rows.unknown)
    var pieces: [Int32] = [rows.begin]
    pieces += scratch.pieces.reversed().prefix(LanguageLimits.encodedPieces - 2)
    if pieces.count == 1 { pieces.append(rows.unknown) }
    pieces.append(rows.end)
    return pieces
  }
}

extension SentenceEncoder.Scaling {
  /// Layer normalisation: to mean 0 and variance 1, then scaled and shifted (Ba et al., 2016).
  func apply(to values: UnsafeMutablePointer<Float>, count: Int, epsilon: Float) {
    let raw = UnsafeMutableRawPointer(values)
    var sum = SIMD8<Float>.zero
    for place in stride(from: 0, to: count * 4, by: 32) {
      sum += raw.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self)
    }
    let mean = SIMD8<Float>(repeating: sum.sum() / Float(count))
    var squares = SIMD8<Float>.zero
    for place in stride(from: 0, to: count * 4, by: 32) {
      let distance = raw.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self) - mean
      squares += distance * distance
    }
    let scale = SIMD8<Float>(repeating: 1 / (squares.sum() / Float(count) + epsilon).squareRoot())
    factors.withUnsafeBytes { factors in
      shifts.withUnsafeBytes { shifts in
        for place in stride(from: 0, to: count * 4, by: 32) {
          let distance = raw.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self) - mean
          let factor = factors.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self)
          let shift = shifts.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self)
          raw.storeBytes(of: distance * scale * factor + shift, toByteOffset: place, as: SIMD8<Float>.self)
        }
      }
    }
  }
}
