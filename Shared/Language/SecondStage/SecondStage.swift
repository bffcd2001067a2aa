/// The stage for messages with low confidence after the first: n-grams combined with the sentence encoder's row for the
/// whole message. The encoder itself is not in the model file; without it only the first stage runs.
public struct SecondStage: Sendable {
  /// The encoder that it was trained with.
  let fingerprint: UInt64
  /// A message whose confidence after the first stage is below this, or that is out of scope there, goes through this stage.
  let doubt: Float
  /// nil if the encoder's rows are used unchanged.
  let whitening: Whitening?
  /// Weights of the model's n-grams.
  let grams: ByteWeights
  /// One row of blocks for each encoder dimension.
  let sentences: [SIMD8<Float>]
  let bias: [SIMD8<Float>]
  /// Voting examples; nil if votes do not help.
  let neighbours: Neighbours?
  let temperature: Float
  let sharpening: PlattScaling
  let scopeThreshold: Float

  /// Returns the margin of every label.
  ///
  /// - Parameters:
  ///   - view: the message's encoder row and the votes of similar examples.
  func margins(of counter: GramCounter, space: FeatureSpace, view: SentenceView) -> [SIMD8<Float>] {
    let blocks = bias.count
    var margins = [SIMD8<Float>](repeating: .zero, count: blocks)
    var squares: Float = 0
    counter.forEach { bucket, count in
      let number = Int(space.dense[bucket])
      guard number >= 0 else { return }
      let value = FeatureSpace.termWeight(count) * space.inverseDocumentFrequency[number]
      squares += value * value
      grams.add(number, times: value, to: &margins)
    }
    let scale = squares > 0 ? 1 / squares.squareRoot() : 0
    for block in 0..<blocks { margins[block] = bias[block] + scale * margins[block] }
    for (place, values) in view.row.enumerated() {
      for lane in 0..<8 {
        let start = (place * 8 + lane) * blocks
        for block in 0..<blocks { margins[block] += values[lane] * sentences[start + block] }
      }
    }
    if let votes = view.votes, let share = neighbours?.share {
      for block in 0..<blocks { margins[block] += share * votes[block] }
    }
    return margins
  }
}

/// The second stage's input for a message.
struct SentenceView {
  /// The encoder's row, whitened if the stage requires it.
  let row: ArraySlice<SIMD8<Float>>
  /// The logarithm of each label's share of the neighbours' votes; nil without neighbours.
  let votes: [SIMD8<Float>]?
}

/// Weights of one byte each: a quarter of the space, with a rounding error far below the differences between labels.
struct ByteWeights: Sendable, Equatable {
  /// Blocks per row.
  let blocks: Int
  /// `blocks` times eight steps per row.
  let steps: [Int8]
  /// The value of one step of each row.
  let scales: [Float]

  init(blocks: Int, steps: [Int8], scales: [Float]) {
    precondition(steps.count == scales.count * blocks * 8, "one row of steps per scale")
    self.blocks = blocks
    self.steps = steps
    self.scales = scales
  }

  /// Rounds to the nearest step; each row's largest weight is 127 steps.
  init(_ weights: ArraySlice<SIMD8<Float>>, blocks: Int) {
    var steps: [Int8] = []
    var scales: [Float] = []
    steps.reserveCapacity(weights.count * 8)
    for start in stride(from: weights.startIndex, to: weights.endIndex, by: blocks) {
      let row = weights[start..<start + blocks]
      let largest = row.reduce(Float(0)) { highest, block in
        (0..<8).reduce(highest) { max($0, block[$1].magnitude) }
      }
      let scale = max(largest, .leastNormalMagnitude) / 127
      for block in row {
        for lane in 0..<8 { steps.append(Int8((block[lane] / scale).rounded())) }
      }
      scales.append(scale)
    }
    self.init(blocks: blocks, steps: steps, scales: scales)
  }

  @inline(__always)
  func add(_ row: Int, times factor: Float, to margins: inout [SIMD8<Float>]) {
    let factor = factor * scales[row]
    steps.withUnsafeBytes { steps in
      for block in 0..<blocks {
        let values = steps.loadUnaligned(fromByteOffset: (row * blocks + block) * 8, as: SIMD8<Int8>.self)
        margins[block] += factor * SIMD8<Float>(values)
      }
    }
  }
}
