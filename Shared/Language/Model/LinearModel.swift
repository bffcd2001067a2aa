#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A trained one-versus-rest linear classifier; immutable, so any number of threads may use it at once.
public struct LinearModel: Sendable {
  /// The labels, in the order of the probabilities.
  public let labels: [String]
  /// Factor applied to the margins before the softmax; learned on held-out examples.
  public let temperature: Float
  /// Correction of the best probability after the softmax; learned on held-out examples.
  let sharpening: PlattScaling
  /// The training data and accuracy.
  public let summary: TrainingSummary
  /// Identifies the model: derived from its content, so that equal training yields an equal version.
  public let version: String

  /// The n-grams of Chinese runs that it was trained with.
  let hanGrams: HanGrams
  let space: FeatureSpace
  /// `space.count` rows of `blocksPerRow` blocks: the weight of the feature for each label, padded with zeros.
  let weights: [SIMD8<Float>]
  /// One bias per label, padded with zeros.
  let bias: [SIMD8<Float>]
  /// The word-piece table, if it was trained with an encoder pack.
  let encoder: EncoderPart?
  /// A message whose highest margin is below this belongs to no label.
  let scopeThreshold: Float
  /// The second stage for low-confidence messages, if the model was trained with an encoder and is used with it.
  let second: SecondStage?

  /// A table of word pieces with the weights of its dimensions.
  struct EncoderPart: Sendable {
    let table: TokenTable
    /// `table.dimensions` rows of blocks: the weight of each dimension for each label.
    let weights: [SIMD8<Float>]
  }

  /// Whether the model has a second stage for low-confidence messages, which needs the encoder that it was trained with.
  public var hasSecondStage: Bool { second != nil }

  var blocksPerRow: Int { Self.blocks(labels: labels.count) }

  static func blocks(labels: Int) -> Int { (labels + 7) / 8 }

  /// Everything that determines a prediction.
  struct Parts {
    var labels: [String]
    var temperature: Float
    var sharpening: PlattScaling
    var hanGrams = HanGrams.pairs
    var space: FeatureSpace
    var weights: [SIMD8<Float>]
    var bias: [SIMD8<Float>]
    var encoder: EncoderPart?
    var scopeThreshold: Float
    var second: SecondStage?
  }

  init(_ parts: Parts, summary: TrainingSummary) {
    let blocks = Self.blocks(labels: parts.labels.count)
    precondition(parts.weights.count == parts.space.count * blocks, "one row per feature")
    precondition(parts.bias.count == blocks, "one start per label")
    precondition(
      parts.encoder.map { $0.weights.count == $0.table.dimensions * blocks } ?? true, "one row per dimension")
    labels = parts.labels
    temperature = parts.temperature
    sharpening = parts.sharpening
    self.summary = summary
    version = ModelFile.version(parts)
    hanGrams = parts.hanGrams
    space = parts.space
    weights = parts.weights
    bias = parts.bias
    encoder = parts.encoder
    scopeThreshold = parts.scopeThreshold
    second = parts.second
  }

  /// Computes the margin of every label for the counted n-grams: the dot product of the unit-length feature vector with the
  /// label's weights, plus its bias. A text without any known n-gram gets the biases only.
  ///
  /// - Returns: whether any n-gram is known.
  @discardableResult
  func margins(of counter: GramCounter, into margins: inout [SIMD8<Float>]) -> Bool {
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
    return squares > 0
  }

  /// Returns the share of the text's n-grams that did not occur in training; 0 for a text without any.
  func unfamiliar(_ counter: GramCounter) -> Float {
    var all = 0
    var known = 0
    space.dense.withUnsafeBufferPointer { dense in
      counter.forEach { bucket, _ in
        all += 1
        known += dense[bucket] >= 0 ? 1 : 0
      }
    }
    return all == 0 ? 0 : Float(all - known) / Float(all)
  }

  /// Adds the contribution of the encoder's table for the text whose pieces `scratch` has pooled.
  func add(_ encoder: EncoderPart, _ scratch: TokenTable.Scratch, to margins: inout [SIMD8<Float>]) {
    let blocks = blocksPerRow
    encoder.weights.withUnsafeBufferPointer { weights in
      scratch.pooled.withUnsafeBufferPointer { pooled in
        margins.withUnsafeMutableBufferPointer { margins in
          for block in 0..<blocks {
            var sum = margins[block]
            for place in pooled.indices {
              let values = pooled[place]
              let row = place * 8 * blocks + block
              for lane in 0..<8 {
                sum += values[lane] * weights[row + lane * blocks]
              }
            }
            margins[block] = sum
          }
        }
      }
    }
  }

  /// Whether the margins mean that the message belongs to no label.
  func isOutOfScope(_ margins: [SIMD8<Float>]) -> Bool { highest(margins) < scopeThreshold }

  /// The highest margin of any label.
  func highest(_ margins: [SIMD8<Float>]) -> Float {
    var highest = -Float.infinity
    for label in labels.indices {
      highest = max(highest, margins[label >> 3][label & 7])
    }
    return highest
  }

  /// Computes the softmax of the margins times the temperature, then applies the sharpening.
  func probabilities(of margins: [SIMD8<Float>], into probabilities: inout [Float]) {
    spread(margins, temperature, sharpening, into: &probabilities)
  }

  /// Runs the second stage on a message for which the first has low confidence.
  ///
  /// - Returns: whether the message is out of scope.
  func lookAgain(
    _ second: SecondStage, _ counter: GramCounter, view: SentenceView,
    into probabilities: inout [Float]
  ) -> Bool {
    let margins = second.margins(of: counter, space: space, view: view)
    spread(margins, second.temperature, second.sharpening, into: &probabilities)
    return highest(margins) < second.scopeThreshold
  }

  private func spread(
    _ margins: [SIMD8<Float>], _ temperature: Float, _ sharpening: PlattScaling, into probabilities: inout [Float]
  ) {
    probabilities.removeAll(keepingCapacity: true)
    for label in labels.indices {
      probabilities.append(margins[label >> 3][label & 7] * temperature)
    }
    Softmax.apply(to: &probabilities)
    sharpening.apply(to: &probabilities)
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

extension LinearModel: CustomStringConvertible {
  /// Its version, not its millions of weights.
  public var description: String { "LinearModel(\(version))" }
}
