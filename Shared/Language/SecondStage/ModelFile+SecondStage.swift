extension ModelFile {
  /// Writes the encoder's fingerprint (u64), doubt threshold (f32), temperature, sharpening and scope threshold, encoder
  /// dimensions (u32), whitening flag (u32), followed if set by the mean and the matrix, scale of each n-gram's weights
  /// (f32), the steps (i8), the encoder's weights, the biases; then the number of voting examples (u32), followed if not zero by
  /// the vote weight (f32), the rows' mean, their labels (u16), scales and steps (half a byte each).
  static func write(_ second: SecondStage, to writer: inout ModelWriter) {
    writer.integer(second.fingerprint)
    writer.integer(second.doubt.bitPattern)
    writer.integer(second.temperature.bitPattern)
    writer.integer(second.sharpening.slope.bitPattern)
    writer.integer(second.sharpening.intercept.bitPattern)
    writer.integer(second.scopeThreshold.bitPattern)
    writer.integer(UInt32(second.sentences.count / second.bias.count))
    writer.integer(UInt32(second.whitening == nil ? 0 : 1))
    if let whitening = second.whitening {
      writer.array(whitening.mean)
      writer.array(whitening.rows)
    }
    writer.array(second.grams.scales)
    writer.array(second.grams.steps)
    writer.array(second.sentences)
    writer.array(second.bias)
    writer.integer(UInt32(second.neighbours?.count ?? 0))
    if let neighbours = second.neighbours {
      writer.integer(neighbours.share.bitPattern)
      writer.array(neighbours.mean)
      writer.array(neighbours.labels)
      writer.array(neighbours.scales)
      writer.array(neighbours.steps)
    }
  }

  private static func readNeighbours(
    _ reader: inout ModelReader, dimensions: Int
  ) throws(LanguageError) -> Neighbours? {
    let count = Int(try reader.integer(UInt32.self))
    guard count > 0 else { return nil }
    guard count <= LanguageLimits.neighbours else { throw damaged("it has too many voting examples") }
    let share = Float(bitPattern: try reader.integer(UInt32.self))
    guard share.isFinite, share > 0 else { throw damaged("the vote weight of the examples is invalid") }
    let mean = try reader.array(count: dimensions, of: Float.self)
    let labels = try reader.array(count: count, of: UInt16.self)
    let scales = try reader.array(count: count, of: Float.self)
    return Neighbours(
      share: share, mean: mean, labels: labels, steps: try reader.array(count: count * dimensions / 2, of: UInt8.self),
      scales: scales)
  }

  /// - Returns: nil if the model has no second stage.
  static func readSecondStage(
    _ reader: inout ModelReader, features: Int, blocks: Int
  ) throws(LanguageError) -> SecondStage? {
    guard try reader.integer(UInt32.self) > 0 else { return nil }
    let fingerprint = try reader.integer(UInt64.self)
    let doubt = Float(bitPattern: try reader.integer(UInt32.self))
    let (temperature, sharpening, scopeThreshold) = try readCalibration(&reader)
    let dimensions = Int(try reader.integer(UInt32.self))
    guard dimensions > 0, dimensions <= LanguageLimits.encoderLayer, dimensions % PackedMatrix.panelColumns == 0 else {
      throw damaged("the second stage has an invalid size")
    }
    var whitening: Whitening?
    if try reader.integer(UInt32.self) > 0 {
      let mean = try reader.array(count: dimensions, of: Float.self)
      whitening = Whitening(mean: mean, rows: try reader.array(count: dimensions * dimensions, of: Float.self))
    }
    let scales = try reader.array(count: features, of: Float.self)
    let steps = try reader.array(count: features * blocks * 8, of: Int8.self)
    let sentences = try reader.array(count: dimensions * blocks, of: SIMD8<Float>.self)
    let bias = try reader.array(count: blocks, of: SIMD8<Float>.self)
    return SecondStage(
      fingerprint: fingerprint, doubt: doubt, whitening: whitening,
      grams: ByteWeights(blocks: blocks, steps: steps, scales: scales), sentences: sentences, bias: bias,
      neighbours: try readNeighbours(&reader, dimensions: dimensions), temperature: temperature,
      sharpening: sharpening, scopeThreshold: scopeThreshold)
  }
}
