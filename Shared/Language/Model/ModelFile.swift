/// The file format of a model.
///
/// Layout, little-endian: magic (8 bytes), format version (u32), length of the whole file (u64), training summary, labels,
/// temperature, sharpening (two f32), scope threshold, n-grams of Chinese runs (u32), buckets, document frequencies, biases,
/// weights, the encoder's part or a zero, the second stage or a zero, checksum of everything before it (u64). The whole file is
/// checked before any of it is used, so a file that is truncated or altered anywhere is rejected.
public enum ModelFile {
  /// The carriage return and line feed reveal a transfer that converted line endings.
  static let magic: [UInt8] = [0x46, 0x44, 0x4D, 0x4F, 0x44, 0x0D, 0x0A, 0x1A]
  /// Written by this build, and the only one it reads. Raise it whenever the layout, the normalisation or the n-grams
  /// change, because an old model would then receive features that it never saw.
  public static let formatVersion: UInt32 = 5
  private static let headerBytes = 20

  public static func encode(_ model: LinearModel) -> [UInt8] {
    let body = encodeBody(model)
    var writer = ModelWriter()
    writer.raw(magic)
    writer.integer(formatVersion)
    writer.integer(UInt64(headerBytes + body.count + 8))
    writer.raw(body)
    writer.integer(writer.bytes.withUnsafeBytes(Checksum.of))
    return writer.bytes
  }

  /// - Throws: `LanguageError` with code `model`, naming the fault.
  public static func decode(_ bytes: [UInt8]) throws(LanguageError) -> LinearModel {
    let result: Result<LinearModel, LanguageError> = bytes.withUnsafeBytes { buffer in
      do throws(LanguageError) {
        return .success(try decode(buffer))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Reads a whole model file.
  ///
  /// - Throws: `LanguageError` with code `file` if it cannot be read, `model` if it is not a valid model.
  public static func read(path: String) throws(LanguageError) -> LinearModel {
    do throws(LanguageError) {
      return try decode(FileBytes.read(path: path, limit: LanguageLimits.modelFileBytes))
    } catch {
      throw error.of(file: path)
    }
  }

  /// Writes a temporary file in the same folder and renames it, so that a reader sees either the old or the new model, complete.
  ///
  /// - Throws: `LanguageError` with code `file`.
  public static func write(_ model: LinearModel, path: String) throws(LanguageError) {
    try FileBytes.replace(path: path, with: encode(model))
  }

  /// Checks before a long training run whether its model can be written.
  ///
  /// - Throws: `LanguageError` with code `file`.
  public static func checkWritable(path: String) throws(LanguageError) {
    try FileBytes.checkReplaceable(path: path)
  }

  /// Distinguishes file versions without reading the file.
  public struct Stamp: Sendable, Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int
  }

  /// - Returns: nil if there is no such file.
  public static func stamp(path: String) -> Stamp? { FileBytes.stamp(path: path) }

  static func damaged(_ what: String) -> LanguageError {
    LanguageError(.model, "the model file is damaged: \(what)", remedy: "copy it again or retrain the model")
  }

  /// Returns a version derived from everything that determines a prediction.
  static func version(_ model: LinearModel.Parts) -> String {
    var writer = ModelWriter()
    writer.integer(formatVersion)
    for label in model.labels {
      writer.string(label)
    }
    writer.integer(model.temperature.bitPattern)
    writer.integer(model.sharpening.slope.bitPattern)
    writer.integer(model.sharpening.intercept.bitPattern)
    writer.integer(model.scopeThreshold.bitPattern)
    writer.integer(model.hanGrams.rawValue)
    let space = model.space
    for part in [
      space.buckets.withUnsafeBytes(Checksum.of), space.inverseDocumentFrequency.withUnsafeBytes(Checksum.of),
      model.bias.withUnsafeBytes(Checksum.of), model.weights.withUnsafeBytes(Checksum.of),
    ] {
      writer.integer(part)
    }
    if let encoder = model.encoder {
      let table = encoder.table
      for part in [
        table.segmenter.scalars.withUnsafeBytes(Checksum.of), table.segmenter.scores.withUnsafeBytes(Checksum.of),
        table.scales.withUnsafeBytes(Checksum.of), table.rows.withUnsafeBytes(Checksum.of),
        encoder.weights.withUnsafeBytes(Checksum.of),
      ] {
        writer.integer(part)
      }
    }
    if let second = model.second {
      var part = ModelWriter()
      write(second, to: &part)
      writer.integer(part.bytes.withUnsafeBytes(Checksum.of))
    }
    let digits = String(writer.bytes.withUnsafeBytes(Checksum.of), radix: 16)
    return "linear-" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}

// MARK: - Layout

extension ModelFile {
  private static func encodeBody(_ model: LinearModel) -> [UInt8] {
    var writer = ModelWriter()
    let summary = model.summary
    writer.integer(UInt64(summary.examples))
    writer.integer(UInt64(summary.features))
    writer.integer(summary.seed)
    writer.double(summary.cost)
    writer.double(summary.encoderWeight)
    writer.double(summary.temperature)
    writer.integer(UInt64(summary.folds))
    writer.integer(UInt64(summary.heldOut))
    writer.double(summary.accuracy)
    writer.double(summary.macroF1)
    writer.double(summary.expectedCalibrationError)
    writer.double(summary.automaticShareAt95)
    writer.integer(UInt32(model.labels.count))
    for label in model.labels {
      writer.string(label)
    }
    writer.integer(model.temperature.bitPattern)
    writer.integer(model.sharpening.slope.bitPattern)
    writer.integer(model.sharpening.intercept.bitPattern)
    writer.integer(model.scopeThreshold.bitPattern)
    writer.integer(model.hanGrams.rawValue)
    writer.integer(UInt32(model.space.count))
    writer.array(model.space.buckets)
    writer.array(model.space.inverseDocumentFrequency)
    writer.array(model.bias)
    writer.array(model.weights)
    if let encoder = model.encoder {
      write(encoder, to: &writer)
    } else {
      writer.integer(UInt32(0))
    }
    if let second = model.second {
      writer.integer(UInt32(1))
      write(second, to: &writer)
    } else {
      writer.integer(UInt32(0))
    }
    return writer.bytes
  }

  /// Dimensions (u32), nodes (u32), the tree's three arrays, pieces (u32), scores, scales, rows, weights.
  private static func write(_ encoder: LinearModel.EncoderPart, to writer: inout ModelWriter) {
    let table = encoder.table
    writer.integer(UInt32(table.dimensions))
    writer.integer(UInt32(table.segmenter.scalars.count))
    writer.array(table.segmenter.scalars)
    writer.array(table.segmenter.firstChild)
    writer.array(table.segmenter.piece)
    writer.integer(UInt32(table.scales.count))
    writer.array(table.segmenter.scores)
    writer.array(table.scales)
    writer.array(table.rows)
    writer.array(encoder.weights)
  }

  private static func readEncoder(
    _ reader: inout ModelReader, blocks: Int
  ) throws(LanguageError) -> LinearModel.EncoderPart? {
    let dimensions = Int(try reader.integer(UInt32.self))
    guard dimensions > 0 else { return nil }
    guard dimensions <= LanguageLimits.encoderDimensions else { throw damaged("the encoder's rows are too long") }
    let nodes = Int(try reader.integer(UInt32.self))
    let scalars = try reader.array(count: nodes, of: UInt32.self)
    let firstChild = try reader.array(count: nodes + 1, of: UInt32.self)
    let piece = try reader.array(count: nodes, of: Int32.self)
    let pieces = Int(try reader.integer(UInt32.self))
    let scores = try reader.array(count: pieces, of: Float.self)
    let scales = try reader.array(count: pieces, of: Float.self)
    let rows = try reader.array(count: pieces * dimensions, of: Int8.self)
    let weights = try reader.array(count: dimensions * blocks, of: SIMD8<Float>.self)
    guard
      let segmenter = PieceSegmenter(scalars: scalars, firstChild: firstChild, piece: piece, scores: scores),
      let table = TokenTable(dimensions: dimensions, segmenter: segmenter, rows: rows, scales: scales)
    else { throw damaged("the encoder's parts are inconsistent") }
    return LinearModel.EncoderPart(table: table, weights: weights)
  }

  private static func decode(_ buffer: UnsafeRawBufferPointer) throws(LanguageError) -> LinearModel {
    try checkWhole(buffer)
    var reader = ModelReader(UnsafeRawBufferPointer(rebasing: buffer[headerBytes..<buffer.count - 8]))
    let summary = try readSummary(&reader)
    let labelCount = Int(try reader.integer(UInt32.self))
    guard (2...LanguageLimits.labels).contains(labelCount) else { throw damaged("the number of labels is invalid") }
    var labels: [String] = []
    for _ in 0..<labelCount {
      labels.append(try reader.string(limit: LanguageLimits.labelBytes))
    }
    let (temperature, sharpening, scopeThreshold) = try readCalibration(&reader)
    guard let hanGrams = HanGrams(rawValue: try reader.integer(UInt32.self)) else {
      throw damaged("the n-gram setting is invalid")
    }
    let featureCount = Int(try reader.integer(UInt32.self))
    let buckets = try reader.array(count: featureCount, of: UInt32.self)
    guard buckets.allSatisfy({ $0 < LanguageLimits.bucketCount }), zip(buckets, buckets.dropFirst()).allSatisfy(<)
    else {
      throw damaged("the features are out of order")
    }
    let frequency = try reader.array(count: featureCount, of: Float.self)
    let blocks = LinearModel.blocks(labels: labelCount)
    let bias = try reader.array(count: blocks, of: SIMD8<Float>.self)
    let weights = try reader.array(count: featureCount * blocks, of: SIMD8<Float>.self)
    let encoder = try readEncoder(&reader, blocks: blocks)
    let second = try readSecondStage(&reader, features: featureCount, blocks: blocks)
    guard reader.remaining == 0 else { throw damaged("it has trailing bytes") }
    let space = FeatureSpace(buckets: buckets, inverseDocumentFrequency: frequency)
    return LinearModel(
      LinearModel.Parts(
        labels: labels, temperature: temperature, sharpening: sharpening, hanGrams: hanGrams, space: space,
        weights: weights, bias: bias, encoder: encoder, scopeThreshold: scopeThreshold, second: second),
      summary: summary)
  }

  /// Reads the temperature, sharpening and scope threshold of either stage.
  static func readCalibration(
    _ reader: inout ModelReader
  ) throws(LanguageError) -> (temperature: Float, sharpening: PlattScaling, scopeThreshold: Float) {
    let temperature = Float(bitPattern: try reader.integer(UInt32.self))
    guard temperature.isFinite, temperature > 0 else { throw damaged("the temperature is invalid") }
    let sharpening = PlattScaling(
      slope: Float(bitPattern: try reader.integer(UInt32.self)),
      intercept: Float(bitPattern: try reader.integer(UInt32.self)))
    guard sharpening.slope > 0, sharpening.slope.isFinite, sharpening.intercept.isFinite else {
      throw damaged("the calibration is invalid")
    }
    let scopeThreshold = Float(bitPattern: try reader.integer(UInt32.self))
    guard !scopeThreshold.isNaN else { throw damaged("the scope threshold is invalid") }
    return (temperature, sharpening, scopeThreshold)
  }

  private static func checkWhole(_ buffer: UnsafeRawBufferPointer) throws(LanguageError) {
    guard buffer.count >= magic.count, buffer.prefix(magic.count).elementsEqual(magic) else {
      throw LanguageError(.model, "this is not a model file", remedy: "specify a file written by `frontdesk train`")
    }
    guard buffer.count >= headerBytes + 8 else { throw damaged("it is truncated") }
    let written = UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard written == formatVersion else {
      throw LanguageError(
        .model, "the model file has format \(written), this build reads format \(formatVersion)",
        remedy: "retrain the model with this build")
    }
    let length = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: 12, as: UInt64.self))
    guard length == UInt64(buffer.count) else {
      throw damaged("it should have \(length) bytes and has \(buffer.count)")
    }
    let body = UnsafeRawBufferPointer(rebasing: buffer[..<(buffer.count - 8)])
    let sum = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: buffer.count - 8, as: UInt64.self))
    guard sum == Checksum.of(body) else { throw damaged("the checksum does not match") }
  }

  private static func readSummary(_ reader: inout ModelReader) throws(LanguageError) -> TrainingSummary {
    TrainingSummary(
      examples: try count(&reader), features: try count(&reader), seed: try reader.integer(UInt64.self),
      cost: try reader.double(), encoderWeight: try reader.double(), temperature: try reader.double(),
      folds: try count(&reader),
      heldOut: try count(&reader), accuracy: try reader.double(), macroF1: try reader.double(),
      expectedCalibrationError: try reader.double(), automaticShareAt95: try reader.double())
  }

  private static func count(_ reader: inout ModelReader) throws(LanguageError) -> Int {
    guard let value = Int(exactly: try reader.integer(UInt64.self)) else {
      throw damaged("a number is out of range")
    }
    return value
  }
}
