import Foundation
import Language
import Testing

@testable import CommandLineTool
@testable import DeskSupervisor
@testable import ModelTraining

@Suite("Model commands")
struct ModelCommandTests {
  private static let examples = [
    "refund me", "my parcel is late", "please refund", "where is the parcel", "refund", "parcel",
  ].enumerated().map { LabelledExample(text: $1, label: $0 % 2 == 0 ? "refund" : "parcel/late") }

  private static func model() throws -> LinearModel {
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(2)
    return try Trainer(options: options).train(examples).model
  }

  @Test("The figures are one JSON object with the evaluation's fields")
  func figures() throws {
    let model = try Self.model()
    let (evaluation, heads) = MessageClassifier(model: model).evaluate(Self.examples)
    let text = try ReportWriter.json(
      of: EvaluationFigures(modelVersion: model.version, evaluation: evaluation, heads: heads))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    for name in ["accuracy", "macro_f1", "expected_calibration_error", "automatic_share_at_95"] {
      let value = try #require(object[name] as? Double, "\(name)")
      #expect((0...1).contains(value))
    }
    #expect(object["model_version"] as? String == model.version)
    #expect(object["heads"] is [String: Any] && object["out_of_scope"] is [String: Any])
  }

  @Test("Each message becomes one line, in order, with its sender's identifier")
  func lines() throws {
    let writer = LabelledLineWriter(classifier: MessageClassifier(model: try Self.model()), explains: true)
    var reader = MessageLineReader(isNDJSON: true)
    let messages = try reader.take(
      Data(#"{"id":"a","text":"refund! urgent"}"#.utf8 + [0x0A] + #"{"subject":"parcel","text":"as said"}"#.utf8))
    let all = try messages + reader.finish()
    #expect(all.map(\.identifier) == ["a", nil])
    let objects = try writer.lines(all).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["category"] as? String } == ["refund", "parcel"])
    #expect(objects[1]["intent"] as? String == "late")
    #expect(objects.map { $0["urgency"] as? String } == ["high", "normal"])
    #expect(objects[0]["id"] as? String == "a")
    let reasons = try #require(objects[0]["reasons"] as? [String: Any])
    #expect((reasons["urgency"] as? [[String: Any]])?.first?["words"] as? String == "urgent")
  }

  @Test("Lines are split at any chunk boundary, and empty ones are skipped")
  func cuts() throws {
    var reader = MessageLineReader(isNDJSON: false)
    var texts: [String] = []
    for byte in Data("first\r\n\n  \n第二\nlast".utf8) {
      texts += try reader.take(Data([byte])).map(\.message.text)
    }
    texts += try reader.finish().map(\.message.text)
    #expect(texts == ["first", "第二", "last"])
    var marked = MessageLineReader(isNDJSON: true)
    let messages = try marked.take(
      Data([0xEF, 0xBB, 0xBF] + Array("{\"text\":\"first\"}\n{\"text\":\"second\"}\n".utf8)))
    #expect(messages.map(\.message.text) == ["first", "second"])
  }

  @Test("An error names its file")
  func files() throws {
    let folder = try DeskFolder.temporaryFolder(in: "/tmp")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (csv, model) = ("\(folder)/examples.csv", "\(folder)/x.model")
    func problem(_ body: () throws -> Void) -> String? {
      #expect(throws: CommandFailure.self) { try body() }.map { $0.description }
    }
    try Data("text,label\ncaf".utf8 + [0xE9, 0x0A]).write(to: URL(filePath: csv))
    #expect(
      problem { _ = try ModelMaker.train(csv: csv, out: model) { _ in } }?
        .hasPrefix("\(csv), line 2, column 4: the text is not UTF-8; ") == true)
    try Data("text,label\na,x\n".utf8).write(to: URL(filePath: csv))
    #expect(problem { _ = try ModelMaker.train(csv: csv, out: model) { _ in } }?.hasPrefix("\(csv): ") == true)
    try Data("no model".utf8).write(to: URL(filePath: model))
    #expect(
      problem { _ = try ModelMaker.classifier(model: model, encoder: nil) }?
        .hasPrefix("\(model): this is not a model file; ") == true)
    #expect(problem { _ = try ModelMaker.classifier(model: "\(folder)/none", encoder: nil) }?.contains("none") == true)
  }

  /// A named line, because a test run prints its arguments.
  struct Line: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let isNDJSON: Bool
    /// The position named in the error.
    let place: String

    init(_ testDescription: String, _ bytes: [UInt8], isNDJSON: Bool = false, place: String) {
      self.testDescription = testDescription
      self.bytes = bytes
      self.isNDJSON = isNDJSON
      self.place = place
    }
  }

  @Test(
    "An unreadable line is reported by its position, never by its content",
    arguments: [
      Line("not UTF-8", Array("fine\n".utf8) + [0xFF, 0x0A], place: "line 2"),
      Line("no JSON", Array("secret\n".utf8), isNDJSON: true, place: "line 1"),
      Line("no text", Array("\n{\"text\":1}\n".utf8), isNDJSON: true, place: "line 2"),
      Line("too long", [UInt8](repeating: 0x61, count: MessageLineReader.lineBytes + 1), place: "line 1"),
    ])
  func refuses(line: Line) throws {
    var reader = MessageLineReader(isNDJSON: line.isNDJSON)
    let failure = try #require(throws: CommandFailure.self) { try reader.take(Data(line.bytes)) }
    #expect(failure.status == .wrongCall)
    #expect(failure.problem.contains(line.place) && !failure.description.contains("secret"))
    #expect(failure.remedy != nil)
  }

  @Test("A log gets one line per search step, a terminal one updated line")
  func progress() {
    let reading = TrainingProgress(phase: .reading, completed: 1_000, total: 5_000)
    let searching = TrainingProgress(phase: .searching, completed: 3, total: 20)
    #expect(TrainingProgressLine(isInteractive: false).text(reading) == nil)
    #expect(TrainingProgressLine(isInteractive: false).text(searching) == "searching cost and weight 3/20\n")
    #expect(TrainingProgressLine(isInteractive: true).text(searching) == "\r\u{1B}[Ksearching cost and weight 3/20")
  }
}
