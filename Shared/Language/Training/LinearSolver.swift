internal import CLibLinear
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Rows in LIBLINEAR's layout: one-based ascending indices, a bias node, a terminating node of index -1.
private struct NodeRows {
  /// All rows, concatenated.
  private var nodes: [feature_node] = []
  private var starts: [Int] = []

  init(_ rows: TrainingRows) {
    let dense = rows.blocks * 8
    nodes.reserveCapacity(rows.features.count + rows.count * (dense + 2))
    for row in 0..<rows.count {
      starts.append(nodes.count)
      for entry in rows.offsets[row]..<rows.offsets[row + 1] {
        nodes.append(feature_node(index: Int32(rows.features[entry] + 1), value: Double(rows.values[entry])))
      }
      for place in 0..<dense {
        let value = rows.dense[row * rows.blocks + place >> 3][place & 7]
        nodes.append(feature_node(index: Int32(rows.sparseCount + place + 1), value: Double(value)))
      }
      nodes.append(feature_node(index: Int32(rows.featureCount + 1), value: LinearSolver.biasValue))
      nodes.append(feature_node(index: -1, value: 0))
    }
  }

  /// Passes the rows as the array of pointers that a LIBLINEAR problem holds; valid inside `body` only.
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

/// LIBLINEAR's dual solver for the L2-regularised squared-hinge support vector machine, one-versus-rest.
enum LinearSolver {
  static let biasValue = 1.0
  /// LIBLINEAR's own default for this solver.
  static let tolerance = 0.1
  /// The margin of a label without examples: never the best of several.
  static let absentBias: Float = -2

  /// LIBLINEAR uses the C library's random generator and prints through a function pointer, both global: running one training
  /// at a time, with the generator seeded right before it, makes the result depend on the arguments alone.
  private static let turn = Mutex<Void>(())

  /// - Parameters:
  ///   - labels: the class of each row; `labelCount` itself for a row that belongs to none and is a negative example for all.
  ///   - cost: the penalty C.
  static func train(
    _ matrix: TrainingRows, labels: [Int], labelCount: Int, cost: Double, seed: UInt64
  ) throws(LanguageError) -> LinearWeights {
    precondition(matrix.count == labels.count, "one label per row")
    var targets = labels.map(Double.init)
    let features = matrix.featureCount
    var nodes = NodeRows(matrix)
    let result: LinearWeights? = nodes.withRows { rows in
      targets.withUnsafeMutableBufferPointer { targets in
        solve(rows, targets, features: features, labelCount: labelCount, cost: cost, seed: seed)
      }
    }
    guard let result else {
      throw LanguageError(
        .training, "LIBLINEAR rejected the parameters", remedy: "choose costs above 0 and check that examples exist")
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
    // For two classes LIBLINEAR returns one vector, positive for its first label.
    let columns = classes == 2 ? 1 : classes
    for column in 0..<classes {
      let label = Int(order[column])
      guard label < labelCount else { continue }
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
