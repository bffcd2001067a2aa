import Foundation
import Testing

@testable import Language

/// The whole encoder as defined, computed one number at a time.
private struct NaiveEncoder {
  let weights: ToyWeights

  private func times(_ row: [Float], _ matrix: ToyWeights.Matrix) -> [Float] {
    matrix[0].indices.map { column in zip(row, matrix).reduce(Float(0)) { $0 + $1.0 * $1.1[column] } }
  }

  private func plus(_ first: [Float], _ second: [Float]) -> [Float] { zip(first, second).map(+) }

  private func rectified(_ row: [Float]) -> [Float] { row.map { max(0, $0) } }

  private func scaled(_ row: [Float], _ factors: [Float], _ shifts: [Float]) -> [Float] {
    let mean = row.reduce(0, +) / Float(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(row.count)
    return row.indices.map {
      (row[$0] - mean) / (variance + ToyEncoder.epsilon).squareRoot() * factors[$0] + shifts[$0]
    }
  }

  private func convolved(
    _ rows: [[Float]], _ window: SentenceEncoder.Window, _ matrix: ToyWeights.Matrix, _ bias: [Float]
  ) -> [[Float]] {
    let nothing = [Float](repeating: 0, count: ToyEncoder.shape.channels)
    return rows.indices.map { row in
      let around = (0..<window.pieces).flatMap { place in
        let source = row - window.before + place
        return rows.indices.contains(source) ? rows[source] : nothing
      }
      return plus(rectified(plus(times(around, matrix), bias)), rows[row])
    }
  }

  func encode(_ pieces: [Int32]) -> [Float] {
    let own = pieces.map { piece in
      weights.steps[Int(piece)].map { Float($0) * weights.scales[Int(piece)] + weights.lowest[Int(piece)] }
    }
    let projected = own.map {
      scaled(
        plus(times($0, weights.projection), weights.projectionBias), weights.projectionFactors,
        weights.projectionShifts)
    }
    var features = own
    for (number, branch) in weights.branches.enumerated() {
      let channels = ToyEncoder.shape.channels
      let rows = projected.map { Array($0[number * channels..<(number + 1) * channels]) }
      let once = convolved(rows, branch.window, branch.first, branch.firstBias)
      let twice = convolved(once, branch.window, branch.second, branch.secondBias)
      features = zip(features, twice).map { $0 + $1 }
    }
    let count = Float(pieces.count)
    let mean = features.map { plus(times(scaled($0, weights.factors, weights.shifts), weights.sum), weights.sumBias) }
      .reduce([Float](repeating: 0, count: ToyEncoder.shape.piece), plus).map { $0 / count.squareRoot() }
    let first = rectified(times(mean, weights.first))
    let second = rectified(times(mean + first, weights.second))
    let third = rectified(times(second, weights.third))
    let last = times(second + third, weights.last).map { tanhf($0) }
    let length = last.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return last.map { $0 / length }
  }
}

@Suite struct SentenceEncoderTests {
  private let texts = [
    "refund", "", "Refunds", "re  fund…", "退款 parcel parcels", "☃ \u{3000}Ｒefund\t", "password",
    String(repeating: "parcel refund ", count: 40),
  ]

  private func values(_ blocks: ArraySlice<SIMD8<Float>>) -> [Float] {
    blocks.flatMap { block in (0..<8).map { block[$0] } }
  }

  /// Service groups describe their services, including all contained values, when they start.
  @Test func descriptionsShowNamesWithoutWeights() throws {
    struct Holder { let pack: EncoderPack?, encoder: SentenceEncoder? }
    let pack = try ToyEncoder.pack()
    #expect("\(Holder(pack: pack, encoder: pack.encoder))".utf8.count < 250)
  }

  @Test func everyLayerIsComputedAsDefined() throws {
    let encoder = try ToyEncoder.pack().encoder
    let workspace = EncoderWorkspace(encoder)
    let naive = NaiveEncoder(weights: ToyWeights(seed: 3))
    let blocks = encoder.dimensions / 8
    let encoded = encoder.encode(texts, in: workspace)
    for (number, text) in texts.enumerated() {
      let pieces = encoder.pieces(of: text, &workspace.segmentation)
      let expected = naive.encode(pieces)
      let found = values(encoded[number * blocks..<(number + 1) * blocks])
      for place in expected.indices { #expect(abs(found[place] - expected[place]) < 2e-5, "text \(number)") }
    }
  }

  @Test func aTextIsEncodedAlikeAloneInABatchAndWithAFullCache() throws {
    let encoder = try ToyEncoder.pack().encoder
    let together = encoder.encode(texts, in: EncoderWorkspace(encoder))
    let small = EncoderWorkspace(encoder, rememberedPieces: ToyEncoder.pieces.count)
    let blocks = encoder.dimensions / 8
    for round in 0..<2 {
      for (number, text) in texts.enumerated() {
        let alone = encoder.encode([text], in: small)
        #expect(alone[...] == together[number * blocks..<(number + 1) * blocks], "text \(number), round \(round)")
      }
    }
  }

  @Test func manyTextsAreEncodedInBatchesAndLongOnesTruncated() throws {
    let encoder = try ToyEncoder.pack().encoder
    let workspace = EncoderWorkspace(encoder)
    let long = String(repeating: "refund ", count: 2_000)
    #expect(encoder.pieces(of: long, &workspace.segmentation).count == LanguageLimits.encodedPieces)
    let many = [String](repeating: long, count: 5) + [String](repeating: "parcel", count: 400)
    let encoded = encoder.encode(many, in: workspace)
    let blocks = encoder.dimensions / 8
    #expect(encoded.count == many.count * blocks)
    #expect(encoded.prefix(blocks) == encoder.encode([long], in: workspace)[...])
    #expect(encoded.suffix(blocks) == encoder.encode(["parcel"], in: workspace)[...])
  }

  @Test func segmentsTextsWithBoundariesAndUnknownPieces() throws {
    let encoder = try ToyEncoder.pack().encoder
    var scratch = PieceSegmenter.Scratch()
    let rows = encoder.rows
    #expect(encoder.pieces(of: "", &scratch) == [rows.begin, rows.unknown, rows.end])
    #expect(encoder.pieces(of: "refunds", &scratch) == [rows.begin, 2, 6, rows.end])
    #expect(encoder.pieces(of: "Refund☃s", &scratch) == [rows.begin, 10, rows.unknown, 6, rows.end])
  }

  @Test func theFingerprintIdentifiesTheWeights() throws {
    let fingerprint = try ToyEncoder.pack().encoder.fingerprint
    #expect(try ToyEncoder.pack().encoder.fingerprint == fingerprint)
    #expect(try ToyEncoder.pack(seed: 4).encoder.fingerprint != fingerprint)
  }
}

/// Reads the output of `deploy/encoder-pack --reference`, if it exists.
@Suite struct PublishedEncoderTests {
  static let pack = ProcessInfo.processInfo.environment["FRONTDESK_ENCODER_PACK"]
  static let reference = ProcessInfo.processInfo.environment["FRONTDESK_ENCODER_REFERENCE"]

  private struct Line: Decodable {
    let text: String
    let pieces: Int
    let values: [Float]
  }

  @Test(
    .enabled(
      if: pack != nil && reference != nil,
      "no encoder pack: set FRONTDESK_ENCODER_PACK and FRONTDESK_ENCODER_REFERENCE to what deploy/encoder-pack wrote"))
  func eachTextIsEncodedAsByThePythonPackage() throws {
    let encoder = try EncoderPack.readEncoder(path: try #require(Self.pack))
    let workspace = EncoderWorkspace(encoder)
    let file = try String(contentsOfFile: try #require(Self.reference), encoding: .utf8)
    let lines = file.split(separator: "\n")
    #expect(!lines.isEmpty)
    for (number, line) in lines.enumerated() {
      let expected = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
      #expect(!expected.values.isEmpty, "line \(number)")
      #expect(encoder.pieces(of: expected.text, &workspace.segmentation).count == expected.pieces, "line \(number)")
      let found = encoder.encode([expected.text], in: workspace)
      for place in expected.values.indices {
        #expect(abs(found[place >> 3][place & 7] - expected.values[place]) < 1e-4, "line \(number)")
      }
    }
  }
}
