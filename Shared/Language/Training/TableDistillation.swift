/// Builds a model's word table: an approximation of the whole encoder by lookups, for messages like the training examples.
///
/// The features that depend on a word piece alone (its row and its rectified projection) are averaged over each text. Ridge regression
/// (Hoerl and Kennard, 1970) finds the linear map of these averages that best approximates the whole encoder's output, and the
/// directions in which its results vary most are kept. A linear map of an average is the average of the mapped values, so a row can be
/// stored for each piece, and a text's row costs one lookup per piece.
struct TableDistillation: Sendable {
  /// Table dimensions per piece; more cost memory and time and gained 0.1 points.
  static let dimensions = 192
  /// The ridge penalty as a share of the diagonal's mean. Values from 0.1 to 1 hardly differ.
  private static let penalty: Float = 0.3
  /// Orthogonal iterations towards the dominant directions.
  private static let steps = 20
  /// Texts or pieces per batch.
  private static let together = 1_000

  let pack: EncoderPack
  /// The mean of each text's per-piece features; all zeros for a text without pieces.
  private let averages: PooledTexts
  /// The whole encoder's row of each text.
  private let sentences: PooledTexts

  /// - Parameters:
  ///   - pieces: the pieces of each text, as cut by the table's own segmenter.
  ///   - sentences: one row per text.
  init(_ pack: EncoderPack, pieces: [[Int32]], sentences: PooledTexts) {
    precondition(pieces.count == sentences.count, "one row per text")
    self.pack = pack
    self.sentences = sentences
    averages = Self.averages(pack, pieces)
  }

  /// Learns the map from per-piece features to table dimensions.
  ///
  /// - Parameter indices: the texts to learn from.
  func learn(from indices: [Int]) -> PackedMatrix {
    let encoder = pack.encoder
    let (width, output) = (encoder.features, encoder.dimensions)
    let from = Centre(averages, indices)
    let to = Centre(sentences, indices)
    var gram = [Float](repeating: 0, count: width * width)
    var cross = [Float](repeating: 0, count: width * output)
    for first in stride(from: 0, to: indices.count, by: Self.together) {
      let few = indices[first..<min(first + Self.together, indices.count)]
      let (left, right) = (from.rows(few), to.rows(few))
      Self.add(left, left, count: few.count, to: &gram)
      Self.add(left, right, count: few.count, to: &cross)
    }
    var matrix = SquareMatrix(size: width, values: gram)
    let trace = max(matrix.trace, .leastNormalMagnitude)
    matrix.addToDiagonal(Self.penalty * trace / Float(width))
    var weights = cross
    matrix.solve(&weights, columns: output)
    let kept = Self.reduced(weights, gram, width: width, output: output)
    let columns = kept.count / width
    var start = [Float](repeating: 0, count: columns)
    for (place, value) in from.mean.enumerated() {
      for column in 0..<columns { start[column] -= value * kept[place * columns + column] }
    }
    return PackedMatrix(rows: kept, depth: width, columns: columns, start: start)
  }

  /// Returns each text's features under a map.
  func pooled(by map: PackedMatrix) -> PooledTexts {
    var pooled = PooledTexts(blocks: map.columns / 8)
    averages.values.withUnsafeBufferPointer { averages in
      averages.withMemoryRebound(to: Float.self) { averages in
        guard let base = averages.baseAddress else { return }
        for first in stride(from: 0, to: sentences.count, by: Self.together) {
          let count = min(Self.together, sentences.count - first)
          let rows = map.product(of: base + first * map.depth, count: count)
          for row in 0..<count {
            let isEmpty = self.averages.row(first + row).allSatisfy { $0 == .zero }
            pooled.append(
              isEmpty
                ? [SIMD8<Float>](repeating: .zero, count: map.columns / 8)
                : PooledTexts.unitRow(rows[row * map.columns..<(row + 1) * map.columns]))
          }
        }
      }
    }
    return pooled
  }

  /// Returns the table of the pieces' rows, as stored in a model.
  func table(of map: PackedMatrix) -> TokenTable {
    let numbers = pack.words.numbers
    var steps: [Int8] = []
    var scales: [Float] = []
    steps.reserveCapacity(numbers.count * map.columns)
    scales.reserveCapacity(numbers.count)
    for first in stride(from: 0, to: numbers.count, by: Self.together) {
      let few = Array(numbers[first..<min(first + Self.together, numbers.count)])
      let rows = map.product(of: pack.encoder.alone(few), count: few.count)
      for start in stride(from: 0, to: rows.count, by: map.columns) {
        let rounded = RoundedRows.rounded(rows[start..<start + map.columns])
        steps += rounded.steps
        scales.append(rounded.scale)
      }
    }
    guard
      let table = TokenTable(
        dimensions: map.columns, segmenter: pack.words.segmenter, rows: steps, scales: scales)
    else { preconditionFailure("one row for each of the segmenter's pieces") }
    return table
  }

  /// Centred rows.
  fileprivate struct Centre {
    let texts: PooledTexts
    let mean: [Float]

    init(_ texts: PooledTexts, _ indices: [Int]) {
      self.texts = texts
      mean = texts.mean(of: indices).flatMap { block in (0..<8).map { block[$0] } }
    }

    func rows(_ indices: ArraySlice<Int>) -> [Float] {
      var rows: [Float] = []
      rows.reserveCapacity(indices.count * mean.count)
      for index in indices {
        for (block, values) in texts.row(index).enumerated() {
          for lane in 0..<8 { rows.append(values[lane] - mean[block * 8 + lane]) }
        }
      }
      return rows
    }
  }
}

// MARK: - Arithmetic

extension TableDistillation {
  /// Adds the product of the transposed left rows with the right rows.
  private static func add(_ left: [Float], _ right: [Float], count: Int, to sums: inout [Float]) {
    let (width, columns) = (left.count / count, right.count / count)
    var transposed = [Float](repeating: 0, count: left.count)
    for row in 0..<count {
      for place in 0..<width { transposed[place * count + row] = left[row * width + place] }
    }
    let product = PackedMatrix(rows: right, depth: count, columns: columns).product(of: transposed, count: width)
    for place in sums.indices { sums[place] += product[place] }
  }

  /// Projects the weights onto the directions in which their results vary most.
  private static func reduced(_ weights: [Float], _ gram: [Float], width: Int, output: Int) -> [Float] {
    let kept = min(dimensions, output)
    guard kept < output else { return weights }
    let spread = PackedMatrix(rows: weights, depth: width, columns: output).product(of: gram, count: width)
    var covariance = [Float](repeating: 0, count: output * output)
    add(weights, spread, count: width, to: &covariance)
    let directions = SquareMatrix(size: output, values: covariance).strongestDirections(kept, steps: steps)
    var turned = [Float](repeating: 0, count: output * kept)
    for column in 0..<kept {
      for place in 0..<output { turned[place * kept + column] = directions[column * output + place] }
    }
    return PackedMatrix(rows: turned, depth: output, columns: kept).product(of: weights, count: width)
  }

  private static func averages(_ pack: EncoderPack, _ pieces: [[Int32]]) -> PooledTexts {
    var averages = PooledTexts(blocks: pack.encoder.features / 8)
    for first in stride(from: 0, to: pieces.count, by: together) {
      let few = pieces[first..<min(first + together, pieces.count)]
      let met = Set(few.joined()).sorted()
      let places = Dictionary(uniqueKeysWithValues: met.enumerated().map { ($1, $0) })
      let rows = pack.encoder.alone(met.map { pack.words.numbers[Int($0)] })
      rows.withUnsafeBytes { rows in
        for text in few {
          var sums = [SIMD8<Float>](repeating: .zero, count: averages.blocks)
          for piece in text {
            let start = (places[piece] ?? 0) * averages.blocks
            for block in sums.indices {
              sums[block] += rows.loadUnaligned(fromByteOffset: (start + block) * 32, as: SIMD8<Float>.self)
            }
          }
          averages.append(sums.map { $0 / Float(max(1, text.count)) })
        }
      }
    }
    return averages
  }
}
