extension SentenceEncoder {
  /// Reads the encoder's part of a pack.
  ///
  /// Layout, little-endian: dimensions per piece, per branch and piece, of the narrow and of the wide dense layers (four u32),
  /// epsilon (f32); units of the character map (u32, then u32 each); its replacements (u32, then bytes); value of a step and
  /// value of step 0 of each piece (f32), rows (u8), the last three being the unknown piece and the boundaries; branches
  /// (u32); projection, bias, factors and shifts of all branches side by side (f32, like all that follows); for each branch
  /// its window (two u32), then weights and bias of both convolutions; factors and shifts of the features; the projection of
  /// the sums and its bias; the dense layers, the second and the last with the weights of the skip connection on top.
  ///
  /// - Throws: `LanguageError` with code `model`.
  init(_ reader: inout ModelReader, segmenter: PieceSegmenter) throws(LanguageError) {
    let start = reader.position
    var sizes: [Int] = []
    for _ in 0..<4 {
      let size = Int(try reader.integer(UInt32.self))
      guard size > 0, size <= LanguageLimits.encoderLayer, size % PackedMatrix.panelColumns == 0 else {
        throw EncoderPack.damaged("a layer has an invalid size")
      }
      sizes.append(size)
    }
    let shape = Shape(piece: sizes[0], channels: sizes[1], hidden: sizes[2], output: sizes[3])
    let epsilon = Float(bitPattern: try reader.integer(UInt32.self))
    guard epsilon > 0, epsilon.isFinite else { throw EncoderPack.damaged("epsilon is invalid") }
    let map = try Self.characterMap(&reader)
    let count = segmenter.scores.count + 3
    let scales = try Self.numbers(&reader, count)
    let lowest = try Self.numbers(&reader, count)
    let steps = try reader.array(count: count * shape.piece, of: UInt8.self)
    let branchCount = Int(try reader.integer(UInt32.self))
    guard (1...LanguageLimits.encoderBranches).contains(branchCount) else {
      throw EncoderPack.damaged("the number of branches is invalid")
    }
    let width = branchCount * shape.channels
    self.shape = shape
    self.epsilon = epsilon
    self.map = map
    self.segmenter = segmenter
    rows = PieceRows(dimensions: shape.piece, steps: steps, scales: scales, lowest: lowest)
    projection = try Self.layer(&reader, shape.piece, width)
    projectionScaling = try Self.scaling(&reader, width)
    var branches: [Branch] = []
    for _ in 0..<branchCount { branches.append(try Self.branch(&reader, shape)) }
    self.branches = branches
    let features = shape.piece + width
    scaling = try Self.scaling(&reader, features)
    head = try Head(
      projection: Self.matrix(&reader, features, shape.piece), projectionBias: Self.numbers(&reader, shape.piece),
      first: Self.matrix(&reader, shape.piece, shape.hidden),
      second: Self.matrix(&reader, shape.piece + shape.hidden, shape.hidden),
      third: Self.matrix(&reader, shape.hidden, shape.output),
      last: Self.matrix(&reader, shape.hidden + shape.output, shape.output))
    fingerprint = reader.checksum(from: start)
  }

  private static func characterMap(_ reader: inout ModelReader) throws(LanguageError) -> CharacterMap {
    let units = try reader.array(count: Int(try reader.integer(UInt32.self)), of: UInt32.self)
    let replacements = try reader.array(count: Int(try reader.integer(UInt32.self)), of: UInt8.self)
    return CharacterMap(units: units, replacements: replacements)
  }

  private static func numbers(_ reader: inout ModelReader, _ count: Int) throws(LanguageError) -> [Float] {
    let numbers = try reader.array(count: count, of: Float.self)
    guard numbers.allSatisfy(\.isFinite) else { throw EncoderPack.damaged("a number is not finite") }
    return numbers
  }

  private static func matrix(
    _ reader: inout ModelReader, _ depth: Int, _ columns: Int
  ) throws(LanguageError) -> PackedMatrix {
    PackedMatrix(rows: try numbers(&reader, depth * columns), depth: depth, columns: columns)
  }

  private static func layer(
    _ reader: inout ModelReader, _ depth: Int, _ columns: Int
  ) throws(LanguageError) -> PackedMatrix {
    let weights = try numbers(&reader, depth * columns)
    return PackedMatrix(rows: weights, depth: depth, columns: columns, start: try numbers(&reader, columns))
  }

  private static func scaling(_ reader: inout ModelReader, _ count: Int) throws(LanguageError) -> Scaling {
    Scaling(factors: try numbers(&reader, count), shifts: try numbers(&reader, count))
  }

  private static func branch(_ reader: inout ModelReader, _ shape: Shape) throws(LanguageError) -> Branch {
    let window = Window(pieces: Int(try reader.integer(UInt32.self)), before: Int(try reader.integer(UInt32.self)))
    guard (1...LanguageLimits.encoderBranches).contains(window.pieces), window.before < window.pieces else {
      throw EncoderPack.damaged("a window is invalid")
    }
    let (channels, places) = (shape.channels, window.pieces)
    let weights = try numbers(&reader, places * channels * channels)
    let bias = try numbers(&reader, channels)
    // Window positions are stacked in the file; side by side here.
    var packedWeights: [Float] = []
    packedWeights.reserveCapacity(weights.count)
    for row in 0..<channels {
      for place in 0..<places {
        let from = (place * channels + row) * channels
        packedWeights += weights[from..<from + channels]
      }
    }
    return Branch(
      window: window, first: PackedMatrix(rows: packedWeights, depth: channels, columns: places * channels),
      firstBias: bias,
      second: try layer(&reader, places * channels, channels))
  }
}
