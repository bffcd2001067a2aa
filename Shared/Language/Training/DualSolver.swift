internal import DeskCore
internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The number of cores available to the process.
private enum ProcessorCount {
  static let online = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}

/// Dual coordinate descent for the L2-regularised squared-hinge support vector machine (Hsieh et al.,
/// 2008), one-versus-rest: the algorithm of LIBLINEAR's `L2R_L2LOSS_SVC_DUAL`, including shrinking and the stopping
/// rule.
///
/// It serves the search for cost and weight with an encoder, which fits many models and discards all but one: single
/// precision and eight encoder dimensions at a time make it several times faster there. The model that is kept is
/// LIBLINEAR's.
enum DualSolver {
  /// Maximum passes over the examples per label, as in LIBLINEAR.
  private static let roundsAtMost = 1_000

  /// - Parameters:
  ///   - labels: the class of each row; `labelCount` itself for a row that belongs to none.
  ///   - cost: the penalty C.
  static func train(
    _ rows: TrainingRows, labels: [Int], labelCount: Int, cost: Double, seed: UInt64
  ) -> LinearWeights {
    precondition(rows.count == labels.count, "one label per row")
    let width = LinearModel.blocks(labels: labelCount)
    var result = LinearWeights(
      weights: [SIMD8<Float>](repeating: .zero, count: rows.featureCount * width),
      bias: [SIMD8<Float>](repeating: .zero, count: width))
    let present = Set(labels)
    // With two labels one machine separates both.
    let isMirrored = labelCount == 2 && present == [0, 1]
    let learned = isMirrored ? [0] : (0..<labelCount).filter(present.contains)
    let fitted = machines(rows, labels: labels, learned: learned, cost: cost, seed: seed)
    for label in 0..<labelCount {
      let (block, lane) = (label >> 3, label & 7)
      guard let machine = fitted[isMirrored ? 0 : label] else {
        result.bias[block][lane] = LinearSolver.absentBias
        continue
      }
      let sign: Float = isMirrored && label == 1 ? -1 : 1
      for feature in 0..<rows.sparseCount {
        result.weights[feature * width + block][lane] = sign * machine.sparse[feature]
      }
      for place in 0..<rows.blocks * 8 {
        result.weights[(rows.sparseCount + place) * width + block][lane] =
          sign * machine.dense[place >> 3][place & 7]
      }
      result.bias[block][lane] = sign * machine.bias
    }
    return result
  }

  /// Fits one machine per label on all available cores; each depends only on its label and the seed.
  private static func machines(
    _ rows: TrainingRows, labels: [Int], learned: [Int], cost: Double, seed: UInt64
  ) -> [Int: FittedMachine] {
    let fitted = Mutex<[Int: FittedMachine]>([:])
    let next = Atomic<Int>(0)
    let workers = max(1, min(learned.count, ProcessorCount.online))
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      var machine = BinaryMachine(rows, cost: Float(cost))
      while true {
        let place = next.add(1, ordering: .relaxed).oldValue
        guard place < learned.count else { return }
        let label = learned[place]
        machine.fit(labels.map { $0 == label }, seed: seed &+ UInt64(label), roundsAtMost: roundsAtMost)
        let result = FittedMachine(sparse: machine.sparse, dense: machine.dense, bias: machine.bias)
        fitted.withLock { $0[label] = result }
      }
    }
    return fitted.withLock { $0 }
  }
}

/// The result of one machine: the weights of the n-grams and the encoder dimensions, and the bias.
private struct FittedMachine: Sendable {
  let sparse: [Float]
  let dense: [SIMD8<Float>]
  let bias: Float
}

/// One label versus the rest.
private struct BinaryMachine {
  private let rows: TrainingRows
  /// Half of 1/C: what the squared hinge adds to the diagonal.
  private let diagonal: Float
  /// The diagonal of the dual's matrix.
  private let curvature: [Float]
  private var alpha: [Float]
  private var order: [Int32]
  /// The weights: n-grams, encoder, bias.
  private(set) var sparse: [Float]
  private(set) var dense: [SIMD8<Float>]
  private(set) var bias: Float = 0

  init(_ rows: TrainingRows, cost: Float) {
    self.rows = rows
    diagonal = 0.5 / cost
    let bias = Float(LinearSolver.biasValue)
    curvature = (0..<rows.count).map { [diagonal] row in
      var sum = diagonal + bias * bias
      for entry in rows.offsets[row]..<rows.offsets[row + 1] {
        sum += rows.values[entry] * rows.values[entry]
      }
      for block in rows.dense[row * rows.blocks..<(row + 1) * rows.blocks] {
        sum += (block * block).sum()
      }
      return sum
    }
    alpha = [Float](repeating: 0, count: rows.count)
    order = (0..<rows.count).map { Int32($0) }
    sparse = [Float](repeating: 0, count: rows.sparseCount)
    dense = [SIMD8<Float>](repeating: .zero, count: rows.blocks)
  }

  mutating func fit(_ isPositive: [Bool], seed: UInt64, roundsAtMost: Int) {
    var generator = SeededGenerator(seed: seed)
    for row in alpha.indices {
      alpha[row] = 0
      order[row] = Int32(row)
    }
    for feature in sparse.indices { sparse[feature] = 0 }
    for block in dense.indices { dense[block] = .zero }
    bias = 0
    var active = order.count
    var previousHighest = Float.infinity
    for _ in 0..<roundsAtMost {
      let (highest, lowest) = round(isPositive, active: &active, shrinkAbove: previousHighest, &generator)
      if highest - lowest <= Float(LinearSolver.tolerance) {
        if active == order.count { return }
        // Shrunk examples are checked once more before convergence is accepted.
        active = order.count
        previousHighest = .infinity
      } else {
        previousHighest = highest <= 0 ? .infinity : highest
      }
    }
  }

  /// Visits each active example once, in random order.
  ///
  /// - Returns: the highest and the lowest projected gradient seen.
  private mutating func round(
    _ isPositive: [Bool], active: inout Int, shrinkAbove: Float, _ generator: inout SeededGenerator
  ) -> (highest: Float, lowest: Float) {
    for place in 0..<active {
      order.swapAt(place, place + Int(truncatingIfNeeded: generator.next() >> 33) % (active - place))
    }
    var highest = -Float.infinity
    var lowest = Float.infinity
    var place = 0
    while place < active {
      let row = Int(order[place])
      let sign: Float = isPositive[row] ? 1 : -1
      let gradient = sign * margin(row) - 1 + alpha[row] * diagonal
      var projected = gradient
      if alpha[row] == 0 {
        if gradient > shrinkAbove {
          active -= 1
          order.swapAt(place, active)
          continue
        }
        projected = min(0, gradient)
      }
      highest = max(highest, projected)
      lowest = min(lowest, projected)
      if projected.magnitude > 1e-12 {
        let before = alpha[row]
        alpha[row] = max(0, before - gradient / curvature[row])
        add(row, times: (alpha[row] - before) * sign)
      }
      place += 1
    }
    return (highest, lowest)
  }

  /// Uses four independent accumulators, because a single one would stall on its own latency at every n-gram.
  @inline(__always)
  private func margin(_ row: Int) -> Float {
    let blocks = rows.blocks
    let range = rows.offsets[row]..<rows.offsets[row + 1]
    var sums = SIMD4<Float>.zero
    var rest: Float = bias * Float(LinearSolver.biasValue)
    rows.features.withUnsafeBufferPointer { features in
      rows.values.withUnsafeBufferPointer { values in
        sparse.withUnsafeBufferPointer { sparse in
          var entry = range.lowerBound
          while entry + 4 <= range.upperBound {
            let weights = SIMD4(
              sparse[Int(features[entry])], sparse[Int(features[entry + 1])], sparse[Int(features[entry + 2])],
              sparse[Int(features[entry + 3])])
            sums += weights * SIMD4(values[entry], values[entry + 1], values[entry + 2], values[entry + 3])
            entry += 4
          }
          while entry < range.upperBound {
            rest += sparse[Int(features[entry])] * values[entry]
            entry += 1
          }
        }
      }
    }
    guard blocks > 0 else { return rest + sums.sum() }
    var denseSums = SIMD8<Float>.zero
    rows.dense.withUnsafeBufferPointer { values in
      dense.withUnsafeBufferPointer { dense in
        for block in 0..<blocks {
          denseSums += values[row * blocks + block] * dense[block]
        }
      }
    }
    return rest + sums.sum() + denseSums.sum()
  }

  @inline(__always)
  private mutating func add(_ row: Int, times factor: Float) {
    bias += factor * Float(LinearSolver.biasValue)
    rows.features.withUnsafeBufferPointer { features in
      rows.values.withUnsafeBufferPointer { values in
        sparse.withUnsafeMutableBufferPointer { sparse in
          for entry in rows.offsets[row]..<rows.offsets[row + 1] {
            sparse[Int(features[entry])] += factor * values[entry]
          }
        }
      }
    }
    let blocks = rows.blocks
    rows.dense.withUnsafeBufferPointer { values in
      dense.withUnsafeMutableBufferPointer { dense in
        for block in 0..<blocks {
          dense[block] += factor * values[row * blocks + block]
        }
      }
    }
  }
}
