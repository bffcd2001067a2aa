internal import CLibLinear
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Sparse rows in the layout LIBLINEAR reads: one-based ascending indices, a bias node, an end node of index -1.
struct SparseMatrix {
  /// All rows, one after the other.
  private(set) var nodes: [feature_node] = []
  private(set) var starts: [Int] = []
  let featureCount: Int

  /// The unit-length rows of the given documents, 1 + ln(count) times the inverse document frequency.
  init(documents: CountedTexts, indices: [Int], space: FeatureSpace) {
    featureCount = space.count
    nodes.reserveCapacity(indices.reduce(0) { $0 + documents.range($1).count + 2 })
    for document in indices {
      starts.append(nodes.count)
      let start = nodes.count
      var squares = 0.0
      for entry in documents.range(document) {
        let number = Int(space.dense[Int(documents.buckets[entry])])
        guard number >= 0 else { continue }
        let weight = FeatureSpace.termWeight(Int(documents.counts[entry]))
        let value = Double(weight * space.inverseDocumentFrequency[number])
        nodes.append(feature_node(index: Int32(number + 1), value: value))
        squares += value * value
      }
      nodes[start...].sort { $0.index < $1.index }
      let scale = squares > 0 ? 1 / squares.squareRoot() : 0
      for node in start..<nodes.count {
        nodes[node].value *= scale
      }
      nodes.append(feature_node(index: Int32(featureCount + 1), value: LinearSolver.biasValue))
      nodes.append(feature_node(index: -1, value: 0))
    }
  }

  var count: Int { starts.count }
}

/// The weights LIBLINEAR found, in the layout `LinearModel` uses.
struct LinearWeights {
  let weights: [SIMD8<Float>]
  let bias: [SIMD8<Float>]
}

/// LIBLINEAR's dual solver for the L2-regularised squared-hinge support vector machine, one against the rest.
enum LinearSolver {
  static let biasValue = 1.0
  /// LIBLINEAR's own default for this solver.
  private static let tolerance = 0.1
  /// The margin of a label without a single example: never the best of several.
  private static let absentBias: Float = -2

  /// LIBLINEAR draws from the C library's generator and prints through one function pointer, both global: one training at
  /// a time, and the generator seeded right before it, make the outcome depend on the arguments alone.
  private static let turn = Mutex<Void>(())

  /// - Parameters:
  ///   - labels: the class of each row, below `labelCount`.
  ///   - cost: the penalty C.
  static func train(
    _ matrix: inout SparseMatrix, labels: [Int], labelCount: Int, cost: Double, seed: UInt64
  ) throws(LanguageError) -> LinearWeights {
    precondition(matrix.count == labels.count, "one label per row")
    var targets = labels.map(Double.init)
    let features = matrix.featureCount
    let result: LinearWeights? = matrix.withRows { rows in
      targets.withUnsafeMutableBufferPointer { targets in
        solve(rows, targets, features: features, labelCount: labelCount, cost: cost, seed: seed)
      }
    }
    guard let result else {
      throw LanguageError(
        .training, "LIBLINEAR refused the parameters", remedy: "choose costs above 0 and check that examples exist")
    }
    return result
  }

  private static func solve(
    _ rows: UnsafeMutableBufferPointer<UnsafeMutablePointer<feature_node>?>,
    _ targets: UnsafeMutableBufferPointer<Double>, features: Int, labelCount: Int, cost: Double, seed: UInt64
  ) -> LinearWeights? {
    var problem = problem()
    problem.l = Int32(rows.count)
    problem.n = Int32(features + 1)
    problem.y = targets.baseAddress
    problem.x = rows.baseAddress
    problem.bias = biasValue
    var parameter = parameter()
    parameter.solver_type = Int32(L2R_L2LOSS_SVC_DUAL)
    parameter.eps = tolerance
    parameter.C = cost
    parameter.p = 0.1
    return turn.withLock { _ in
      guard check_parameter(&problem, &parameter) == nil else { return nil }
      set_print_string_function { _ in }
      srand(UInt32(truncatingIfNeeded: seed ^ seed >> 32))
      var trained: UnsafeMutablePointer<CLibLinear.model>? = CLibLinear.train(&problem, &parameter)
      defer { free_and_destroy_model(&trained) }
      guard let trained else { return nil }
      return unpack(trained.pointee, features: features, labelCount: labelCount)
    }
  }

  private static func unpack(_ model: CLibLinear.model, features: Int, labelCount: Int) -> LinearWeights? {
    guard let source = model.w, let order = model.label else { return nil }
    let blocks = LinearModel.blocks(labels: labelCount)
    var weights = [SIMD8<Float>](repeating: .zero, count: features * blocks)
    var bias = [SIMD8<Float>](repeating: .zero, count: blocks)
    for label in 0..<labelCount {
      bias[label >> 3][label & 7] = absentBias
    }
    let classes = Int(model.nr_class)
    // For two classes LIBLINEAR keeps one vector, positive for its first label.
    let columns = classes == 2 ? 1 : classes
    for column in 0..<classes {
      let label = Int(order[column])
      let sign: Float = classes == 2 && column == 1 ? -1 : 1
      let sourceColumn = classes == 2 ? 0 : column
      for feature in 0..<features {
        weights[feature * blocks + (label >> 3)][label & 7] = sign * Float(source[feature * columns + sourceColumn])
      }
      bias[label >> 3][label & 7] = sign * Float(source[features * columns + sourceColumn] * biasValue)
    }
    return LinearWeights(weights: weights, bias: bias)
  }
}

extension SparseMatrix {
  /// Lends the rows as the array of pointers that a LIBLINEAR problem holds; they are valid inside `body` only.
  mutating func withRows<Result>(
    _ body: (UnsafeMutableBufferPointer<UnsafeMutablePointer<feature_node>?>) -> Result
  ) -> Result {
    let starts = starts
    return nodes.withUnsafeMutableBufferPointer { nodes in
      var rows = starts.map { nodes.baseAddress?.advanced(by: $0) }
      return rows.withUnsafeMutableBufferPointer { body($0) }
    }
  }
}

extension SparseMatrix {
  /// The margins of one row.
  func margins(_ row: Int, of fitted: LinearWeights) -> [SIMD8<Float>] {
    let blocks = fitted.bias.count
    var result = fitted.bias
    var node = starts[row]
    while nodes[node].index > 0 && Int(nodes[node].index) <= featureCount {
      let start = (Int(nodes[node].index) - 1) * blocks
      let value = Float(nodes[node].value)
      for block in 0..<blocks {
        result[block] += value * fitted.weights[start + block]
      }
      node += 1
    }
    return result
  }
}
