#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Nearest-neighbour voting in the encoder's space: each of the nearest examples votes for its own label, weighted by
/// similarity.
///
/// A linear boundary cannot fit a label that occupies several regions; its neighbours can. The logarithm of a label's share of
/// the votes, times `share`, is added to its margin.
struct Neighbours: Sendable, Equatable {
  /// The weight of the votes relative to the margins; above 0.
  let share: Float
  /// Subtracted from all rows before comparison, so that what all messages have in common does not count.
  let mean: [Float]
  /// The label of each example; the number of labels for one that belongs to none, which casts no vote.
  let labels: [UInt16]
  /// One row per example, of unit length except for rounding: two steps per byte, the first in the low half, each offset by 8.
  /// Coarse steps suffice because a similarity sums hundreds of them.
  let steps: [UInt8]
  /// The value of one step of each row.
  let scales: [Float]

  /// Number of examples that vote.
  static let voters = 20
  /// How fast a vote weakens with distance: by a factor of e per 0.05 of cosine similarity.
  static let sharpness: Float = 20
  /// Added to each share, so that a label without a vote is unlikely and not impossible.
  static let floor: Float = 0.01

  var dimensions: Int { mean.count }
  var count: Int { labels.count }

  init(share: Float, mean: [Float], labels: [UInt16], steps: [UInt8], scales: [Float]) {
    precondition(
      labels.count == scales.count && steps.count * 2 == labels.count * mean.count, "one row and one scale per example")
    self.share = share
    self.mean = mean
    self.labels = labels
    self.steps = steps
    self.scales = scales
  }

  /// Keeps examples for voting; an evenly spread subset if there are too many.
  ///
  /// - Parameter labels: of all texts; `indices` says which of them are examples.
  init(_ texts: PooledTexts, indices: [Int], labels: [Int], share: Float) {
    let stride = max(1, (indices.count + LanguageLimits.neighbours - 1) / LanguageLimits.neighbours)
    let kept = Swift.stride(from: 0, to: indices.count, by: stride).map { indices[$0] }
    var sum = [SIMD8<Float>](repeating: .zero, count: texts.blocks)
    for index in indices {
      for (block, values) in texts.row(index).enumerated() { sum[block] += values }
    }
    let count = Float(max(1, indices.count))
    let mean = sum.flatMap { block in (0..<8).map { block[$0] / count } }
    var steps: [UInt8] = []
    var scales: [Float] = []
    steps.reserveCapacity(kept.count * mean.count / 2)
    for index in kept {
      let row = Self.moved(texts.row(index), by: mean)
      let scale = max(row.reduce(0) { max($0, $1.magnitude) }, .leastNormalMagnitude) / Float(Self.largestStep)
      let places = row.map { UInt8(Int(($0 / scale).rounded()) + Self.largestStep + 1) }
      for place in Swift.stride(from: 0, to: places.count, by: 2) {
        steps.append(places[place] | places[place + 1] << 4)
      }
      scales.append(scale)
    }
    self.init(share: share, mean: mean, labels: kept.map { UInt16(labels[$0]) }, steps: steps, scales: scales)
  }

  /// Steps to either side of zero.
  static let largestStep = 7

  /// Returns the stored row of an example.
  func row(_ example: Int) -> [Float] {
    let start = example * dimensions / 2
    return steps[start..<start + dimensions / 2].flatMap { pair in
      [pair & 0xF, pair >> 4].map { Float(Int($0) - Self.largestStep - 1) * scales[example] }
    }
  }

  /// Returns a row minus the mean, scaled to unit length.
  static func moved(_ row: ArraySlice<SIMD8<Float>>, by mean: [Float]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(mean.count)
    for (block, values) in row.enumerated() {
      for lane in 0..<8 { result.append(values[lane] - mean[block * 8 + lane]) }
    }
    let length = result.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 0 else { return result }
    for place in result.indices { result[place] /= length }
    return result
  }
}

/// Neighbours in a layout for search. It takes four times the space of the model file's form, so it is built only where the
/// second stage runs.
struct NeighbourSearch: Sendable {
  private let neighbours: Neighbours
  private let matrix: PackedMatrix

  init(_ neighbours: Neighbours) {
    self.neighbours = neighbours
    let (count, depth) = (neighbours.count, neighbours.dimensions)
    let panel = PackedMatrix.panelColumns
    let columns = (count + panel - 1) / panel * panel
    var values = [Float](repeating: 0, count: depth * columns)
    values.withUnsafeMutableBufferPointer { values in
      neighbours.steps.withUnsafeBufferPointer { steps in
        for example in 0..<count {
          let scale = neighbours.scales[example]
          for pair in 0..<depth / 2 {
            let both = Int(steps[example * depth / 2 + pair])
            let zero = Neighbours.largestStep + 1
            values[pair * 2 * columns + example] = Float((both & 0xF) - zero) * scale
            values[(pair * 2 + 1) * columns + example] = Float((both >> 4) - zero) * scale
          }
        }
      }
    }
    matrix = PackedMatrix(rows: values, depth: depth, columns: columns)
  }

  /// Returns what each label's margin gains at a vote weight of 1: the logarithm of its share of the votes.
  ///
  /// - Parameters:
  ///   - sentences: encoder rows of messages, whitened if the second stage requires it.
  ///   - blocks: number of blocks of eight labels.
  func votes(of sentences: [ArraySlice<SIMD8<Float>>], blocks: Int) -> [[SIMD8<Float>]] {
    let (depth, columns, count) = (matrix.depth, matrix.columns, neighbours.count)
    guard !sentences.isEmpty, count > 0 else { return sentences.map { _ in Self.undecided(blocks) } }
    let rows = sentences.flatMap { Neighbours.moved($0, by: neighbours.mean) }
    var likeness = [Float](repeating: 0, count: sentences.count * columns)
    likeness.withUnsafeMutableBufferPointer { target in
      if let target = target.baseAddress {
        matrix.multiply(
          rows, starts: sentences.indices.map { Int64($0 * depth) }, into: target,
          starts: sentences.indices.map { Int64($0 * columns) })
      }
    }
    return sentences.indices.map { place in
      votes(likeness[place * columns..<place * columns + count], blocks: blocks)
    }
  }

  private static func undecided(_ blocks: Int) -> [SIMD8<Float>] {
    [SIMD8<Float>](repeating: SIMD8(repeating: logf(Neighbours.floor)), count: blocks)
  }

  private func votes(_ likeness: ArraySlice<Float>, blocks: Int) -> [SIMD8<Float>] {
    // The nearest examples, nearest first; ties go to the earlier example.
    var nearest: [(likeness: Float, example: Int)] = []
    nearest.reserveCapacity(Neighbours.voters + 1)
    var least = -Float.infinity
    for (example, value) in likeness.enumerated() where value > least || nearest.count < Neighbours.voters {
      let place = nearest.firstIndex { value > $0.likeness } ?? nearest.count
      nearest.insert((value, example), at: place)
      if nearest.count > Neighbours.voters { nearest.removeLast() }
      if nearest.count == Neighbours.voters { least = nearest[nearest.count - 1].likeness }
    }
    guard let best = nearest.first else { return Self.undecided(blocks) }
    var shares = [Float](repeating: 0, count: blocks * 8)
    var total: Float = 0
    for (value, example) in nearest {
      let vote = expf(Neighbours.sharpness * (value - best.likeness))
      total += vote
      let label = Int(neighbours.labels[example])
      if label < shares.count { shares[label] += vote }
    }
    return (0..<blocks).map { block in
      var result = SIMD8<Float>.zero
      for lane in 0..<8 { result[lane] = logf(shares[block * 8 + lane] / total + Neighbours.floor) }
      return result
    }
  }
}
