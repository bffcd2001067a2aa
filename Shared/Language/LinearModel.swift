#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A trained one-versus-rest linear classifier: immutable, so any number of threads may ask it at once.
public struct LinearModel: Sendable {
  /// The labels, in the order of the probabilities.
  public let labels: [String]
  /// What the margins are multiplied with before the softmax; learned on held-out examples.
  public let temperature: Float
  /// What the model was trained on and how well it did.
  public let summary: TrainingSummary
  /// Names this very model: derived from its content, so that equal training gives an equal version.
  public let version: String

  let space: FeatureSpace
  /// `space.count` rows of `blocksPerRow` blocks: the weight of the feature for each label, padded with zeros.
  let weights: [SIMD8<Float>]
  /// One margin per label to start from, padded with zeros.
  let bias: [SIMD8<Float>]

  var blocksPerRow: Int { Self.blocks(labels: labels.count) }

  static func blocks(labels: Int) -> Int { (labels + 7) / 8 }

  init(
    labels: [String], temperature: Float, summary: TrainingSummary, version: String, space: FeatureSpace,
    weights: [SIMD8<Float>], bias: [SIMD8<Float>]
  ) {
    precondition(weights.count == space.count * Self.blocks(labels: labels.count), "one row per feature")
    precondition(bias.count == Self.blocks(labels: labels.count), "one start per label")
    self.labels = labels
    self.temperature = temperature
    self.summary = summary
    self.version = version
    self.space = space
    self.weights = weights
    self.bias = bias
  }

  /// The margin of every label for the counted n-grams: the dot product of the unit-length feature vector with the
  /// label's weights, plus its bias. A text without any known n-gram has the biases alone.
  func margins(of counter: GramCounter, into margins: inout [SIMD8<Float>]) {
    let blocks = blocksPerRow
    margins.removeAll(keepingCapacity: true)
    margins.append(contentsOf: repeatElement(.zero, count: blocks))
    var squares: Float = 0
    space.dense.withUnsafeBufferPointer { dense in
      space.inverseDocumentFrequency.withUnsafeBufferPointer { frequency in
        weights.withUnsafeBufferPointer { weights in
          margins.withUnsafeMutableBufferPointer { margins in
            counter.forEach { bucket, count in
              let number = Int(dense[bucket])
              guard number >= 0 else { return }
              let value = FeatureSpace.termWeight(count) * frequency[number]
              squares += value * value
              let row = number * blocks
              for block in 0..<blocks {
                margins[block] += value * weights[row + block]
              }
            }
          }
        }
      }
    }
    let scale = squares > 0 ? 1 / squares.squareRoot() : 0
    for block in 0..<blocks {
      margins[block] = bias[block] + scale * margins[block]
    }
  }

  /// Softmax of the margins times the temperature.
  func probabilities(of margins: [SIMD8<Float>], into probabilities: inout [Float]) {
    probabilities.removeAll(keepingCapacity: true)
    for label in labels.indices {
      probabilities.append(margins[label >> 3][label & 7] * temperature)
    }
    Softmax.apply(to: &probabilities)
  }
}

enum Softmax {
  static func apply(to values: inout [Float]) {
    guard let highest = values.max() else { return }
    var total: Float = 0
    for index in values.indices {
      let value = expf(values[index] - highest)
      values[index] = value
      total += value
    }
    for index in values.indices {
      values[index] /= total
    }
  }
}
