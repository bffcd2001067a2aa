import Foundation
import TestKit
import Testing

@testable import Language

@Suite struct ModelFileTests {
  @Test func roundTrips() throws {
    let model = try ToyExamples.model()
    let bytes = ModelFile.encode(model)
    let copy = try ModelFile.decode(bytes)
    #expect(copy.labels == model.labels)
    #expect(copy.temperature == model.temperature)
    #expect(copy.summary == model.summary)
    #expect(copy.version == model.version)
    #expect(copy.space == model.space)
    #expect(copy.weights == model.weights)
    #expect(copy.bias == model.bias)
    #expect(copy.scopeThreshold == model.scopeThreshold)
    #expect(ModelFile.encode(copy) == bytes)
    let texts = ToyExamples.all.map(\.text) + ["", "unseen words"]
    #expect(MessageClassifier(model: copy).labels(for: texts) == MessageClassifier(model: model).labels(for: texts))
  }

  @Test func carriesTheEncoderItWasTrainedWith() throws {
    let model = try ToyExamples.model(encoder: ToyEncoder.pack())
    let part = try #require(model.encoder)
    let copy = try ModelFile.decode(ModelFile.encode(model))
    #expect(copy.encoder?.table == part.table)
    #expect(copy.encoder?.weights == part.weights)
    #expect(copy.version == model.version)
    #expect(try ToyExamples.model().version != model.version)
  }

  @Test func refusesAnAlterationOfAnyByte() throws {
    var bytes = ModelFile.encode(try ToyExamples.model())
    for index in bytes.indices {
      let sound = bytes[index]
      bytes[index] = sound ^ UInt8(1) << UInt8(index % 8)
      #expect(throws: LanguageError.self, "byte \(index)") { try ModelFile.decode(bytes) }
      bytes[index] = sound
    }
    #expect(throws: Never.self) { try ModelFile.decode(bytes) }
  }

  @Test func refusesAnyTruncation() throws {
    let bytes = ModelFile.encode(try ToyExamples.model())
    for length in bytes.indices {
      let error = #expect(throws: LanguageError.self, "length \(length)") {
        try ModelFile.decode(Array(bytes[..<length]))
      }
      #expect(error?.code == .model)
    }
    #expect(throws: LanguageError.self) { try ModelFile.decode(bytes + [0]) }
  }

  @Test func describesTheProblem() throws {
    let bytes = ModelFile.encode(try ToyExamples.model())
    func message(_ bytes: [UInt8]) -> String {
      do throws(LanguageError) {
        _ = try ModelFile.decode(bytes)
        return "accepted"
      } catch {
        return error.description
      }
    }
    #expect(message(Array("text,label\n".utf8)).contains("not a model file"))
    var later = bytes
    later[8] = 9
    #expect(message(later).contains("format 9, this build reads format \(ModelFile.formatVersion)"))
    #expect(message(Array(bytes.dropLast(3))).contains("should have \(bytes.count) bytes and has \(bytes.count - 3)"))
    var damaged = bytes
    damaged[bytes.count / 2] ^= 1
    #expect(message(damaged).contains("checksum"))
  }

  @Test func replacesFilesCompletely() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("sample.model")
    let first = try ToyExamples.model(seed: 1)
    try ModelFile.write(first, path: path)
    #expect(try ModelFile.read(path: path).version == first.version)
    var options = TrainingOptions()
    options.costs = [0.3]
    let second = try Trainer(options: options).train(ToyExamples.all).model
    try ModelFile.write(second, path: path)
    #expect(try ModelFile.read(path: path).version == second.version)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["sample.model"])
    #expect(throws: LanguageError.self) { try ModelFile.read(path: folder.path) }
    #expect(throws: LanguageError.self) { try ModelFile.write(first, path: folder.path + "/missing/x.model") }
  }
}
