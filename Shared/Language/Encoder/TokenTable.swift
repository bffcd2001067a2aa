internal import DeskCore

/// Context-free rows of word pieces, distilled from a sentence encoder by `TableDistillation` on the training messages, so that a
/// text's row costs a few lookups. Words that did not occur in training get positions near similar words.
struct TokenTable: Sendable, Equatable {
  /// Numbers per piece; a multiple of 8.
  let dimensions: Int
  let segmenter: PieceSegmenter
  /// One row of `dimensions` steps per piece.
  let rows: [Int8]
  /// The value of one step of each row.
  let scales: [Float]

  var blocks: Int { dimensions / 8 }

  /// - Returns: nil if the parts are inconsistent.
  init?(dimensions: Int, segmenter: PieceSegmenter, rows: [Int8], scales: [Float]) {
    guard dimensions > 0, dimensions <= LanguageLimits.encoderDimensions, dimensions % 8 == 0,
      scales.count == segmenter.scores.count, rows.count == scales.count * dimensions,
      scales.allSatisfy(\.isFinite)
    else { return nil }
    self.dimensions = dimensions
    self.segmenter = segmenter
    self.rows = rows
    self.scales = scales
  }

  /// Scratch memory that is reused between texts.
  struct Scratch {
    var segmentation = PieceSegmenter.Scratch()
    /// The sum of the pieces' rows, scaled to unit length; all zeros for a text without pieces.
    var pooled: [SIMD8<Float>] = []
  }

  /// Fills `scratch.pooled`.
  func pool(_ text: NormalisedText, into scratch: inout Scratch) {
    segmenter.segment(text.scalars, &scratch.segmentation)
    scratch.pooled.removeAll(keepingCapacity: true)
    scratch.pooled.append(contentsOf: repeatElement(.zero, count: blocks))
    let blocks = blocks
    let dimensions = dimensions
    scratch.pooled.withUnsafeMutableBufferPointer { pooled in
      rows.withUnsafeBytes { rows in
        for piece in scratch.segmentation.pieces {
          let scale = scales[Int(piece)]
          let row = Int(piece) * dimensions
          for block in 0..<blocks {
            let steps = rows.loadUnaligned(fromByteOffset: row + block * 8, as: SIMD8<Int8>.self)
            pooled[block] += SIMD8<Float>(steps) * scale
          }
        }
      }
      var squares = SIMD8<Float>.zero
      for block in pooled {
        squares += block * block
      }
      let length = squares.sum().squareRoot()
      guard length > 0 else { return }
      for block in pooled.indices {
        pooled[block] /= length
      }
    }
  }
}
