/// The training rows: for each text its n-grams, scaled to unit length, and the encoder's row times its weight.
struct TrainingRows: Sendable {
  /// The start of each row's n-grams, and the end of the last row's.
  private(set) var offsets: [Int] = [0]
  /// Dense indices of n-grams, ascending within a row.
  private(set) var features: [UInt32] = []
  private(set) var values: [Float] = []
  /// `blocks` per row.
  private(set) var dense: [SIMD8<Float>] = []
  let blocks: Int
  let sparseCount: Int

  var count: Int { offsets.count - 1 }
  /// Known n-grams, then the encoder dimensions.
  var featureCount: Int { sparseCount + blocks * 8 }

  /// (1 + ln count) times the inverse document frequency, scaled to unit length.
  init(documents: CountedTexts, indices: [Int], space: FeatureSpace, pooled: WeightedPool? = nil) {
    blocks = pooled?.texts.blocks ?? 0
    sparseCount = space.count
    let total = indices.reduce(0) { $0 + documents.range($1).count }
    features.reserveCapacity(total)
    values.reserveCapacity(total)
    var row: [(feature: UInt32, value: Float)] = []
    for document in indices {
      row.removeAll(keepingCapacity: true)
      var squares: Float = 0
      for entry in documents.range(document) {
        let number = Int(space.dense[Int(documents.buckets[entry])])
        guard number >= 0 else { continue }
        let value =
          FeatureSpace.termWeight(Int(documents.counts[entry])) * space.inverseDocumentFrequency[number]
        row.append((UInt32(number), value))
        squares += value * value
      }
      row.sort { $0.feature < $1.feature }
      let scale = squares > 0 ? 1 / squares.squareRoot() : 0
      for entry in row {
        features.append(entry.feature)
        values.append(entry.value * scale)
      }
      offsets.append(features.count)
      if let pooled {
        for block in pooled.texts.row(document) {
          dense.append(block * pooled.weight)
        }
      }
    }
  }

  /// Returns the margins of one row.
  func margins(_ row: Int, of fitted: LinearWeights) -> [SIMD8<Float>] {
    let width = fitted.bias.count
    var result = fitted.bias
    for entry in offsets[row]..<offsets[row + 1] {
      let start = Int(features[entry]) * width
      for block in 0..<width {
        result[block] += values[entry] * fitted.weights[start + block]
      }
    }
    for place in 0..<blocks * 8 {
      let value = dense[row * blocks + place >> 3][place & 7]
      let start = (sparseCount + place) * width
      for block in 0..<width {
        result[block] += value * fitted.weights[start + block]
      }
    }
    return result
  }
}

/// A solver's result in `LinearModel`'s layout: one row of blocks per feature.
struct LinearWeights: Sendable {
  var weights: [SIMD8<Float>]
  var bias: [SIMD8<Float>]
}

/// Encoder rows of many texts: one row of blocks each.
struct PooledTexts: Sendable {
  let blocks: Int
  private(set) var values: [SIMD8<Float>] = []

  init(blocks: Int) { self.blocks = blocks }

  var count: Int { blocks == 0 ? 0 : values.count / blocks }

  /// Appends one or more rows.
  mutating func append(_ rows: [SIMD8<Float>]) {
    precondition(rows.count % max(1, blocks) == 0, "whole rows")
    values += rows
  }

  func row(_ document: Int) -> ArraySlice<SIMD8<Float>> { values[document * blocks..<(document + 1) * blocks] }

  /// Returns the mean of the given rows; zeros if there are none.
  func mean(of indices: [Int]) -> [SIMD8<Float>] {
    var sums = [SIMD8<Float>](repeating: .zero, count: blocks)
    for index in indices {
      for (block, values) in row(index).enumerated() { sums[block] += values }
    }
    return sums.map { $0 / Float(max(1, indices.count)) }
  }

  /// Returns a row of these numbers scaled to unit length; zeros stay zeros.
  static func unitRow(_ numbers: ArraySlice<Float>) -> [SIMD8<Float>] {
    let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = length > 0 ? 1 / length : 0
    return stride(from: numbers.startIndex, to: numbers.endIndex, by: 8).map { place in
      var block = SIMD8<Float>.zero
      for lane in 0..<8 { block[lane] = numbers[place + lane] * scale }
      return block
    }
  }
}

/// Encoder rows with their weight relative to the n-grams.
struct WeightedPool {
  let texts: PooledTexts
  /// Above 0.
  let weight: Float
}
