package import ArgumentParser
import CommandLineTool
import Foundation
import Language
import UntrustedInput

/// Labels one message, or a stream of them.
package struct ClassifyCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "classify", abstract: "Label one message, or each line of standard input.",
    discussion: """
      Prints one JSON object per line, in order. Without a text, each line of standard input is a message; with --ndjson each \
      line is an object with "text" and optionally "subject" and "id". Empty lines are skipped.
      """)

  @Argument(help: "The model that `frontdesk train` wrote.", completion: .file())
  var model: String

  @Argument(help: "The message; without it, lines are read from standard input.")
  var text: [String] = []

  @Option(help: "The encoder pack that the model was trained with; enables the second stage.")
  var encoder: String?

  @Flag(help: "Read JSON objects instead of plain lines.")
  var ndjson = false

  @Flag(help: "Show which words contributed to urgency and sentiment.")
  var explain = false

  package init() {}

  package func run() async throws {
    let classifier = try ModelMaker.classifier(model: model, encoder: encoder)
    let writer = LabelledLineWriter(classifier: classifier, explains: explain)
    guard text.isEmpty else {
      let message = IncomingLine(message: MessageText(text: text.joined(separator: " ")), identifier: nil)
      return try say(writer.lines([message]))
    }
    var reader = MessageLineReader(isNDJSON: ndjson)
    while let bytes = try FileHandle.standardInput.read(upToCount: MessageLineReader.bytesPerRead), !bytes.isEmpty {
      try say(writer.lines(reader.take(bytes)))
    }
    try say(writer.lines(reader.finish()))
  }

  private func say(_ lines: [String]) {
    if !lines.isEmpty { Terminal.say(json: lines.joined(separator: "\n")) }
  }
}

/// A message of a stream, with the identifier its sender gave it.
struct IncomingLine: Equatable {
  let message: MessageText
  let identifier: String?
}

/// Splits a stream of bytes into messages.
struct MessageLineReader {
  static let bytesPerRead = 65_536
  /// The maximum number of bytes in one line.
  static let lineBytes = 1 << 20

  let isNDJSON: Bool
  private var rest = Data()
  private var line = 0

  init(isNDJSON: Bool) { self.isNDJSON = isNDJSON }

  /// The messages that these bytes complete.
  mutating func take(_ bytes: Data) throws -> [IncomingLine] {
    rest.append(bytes)
    var messages: [IncomingLine] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let part = rest[rest.startIndex..<end]
      rest = Data(rest[(end + 1)...])
      if let message = try message(part) { messages.append(message) }
    }
    guard rest.count <= Self.lineBytes else {
      line += 1
      throw wrong("more than \(Self.lineBytes) bytes", "shorten it")
    }
    return messages
  }

  /// The message of a last line without a line feed.
  mutating func finish() throws -> [IncomingLine] {
    defer { rest = Data() }
    return try message(rest).map { [$0] } ?? []
  }

  private struct Object: Decodable {
    let id: String?
    let subject: String?
    let text: String
  }

  private mutating func message(_ bytes: Data) throws -> IncomingLine? {
    line += 1
    // A byte order mark is not part of the first message.
    let isMarked = line == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
    let whole: String
    do {
      whole = try UTF8Text.read(isMarked ? bytes.dropFirst(3) : bytes)
    } catch {
      throw wrong("the text is not UTF-8", UTF8Text.Mistake.remedy, column: error.column)
    }
    let text = whole.trimmingCharacters(in: .whitespacesAndNewlines)
    if text.isEmpty { return nil }
    guard isNDJSON else { return IncomingLine(message: MessageText(text: text), identifier: nil) }
    guard let object = try? JSONDecoder().decode(Object.self, from: Data(text.utf8)) else {
      throw wrong("this is not an object with a text field", #"write {"text": "..."}, or leave --ndjson out"#)
    }
    return IncomingLine(
      message: MessageText(subject: object.subject, text: object.text), identifier: object.id)
  }

  private func wrong(_ problem: String, _ remedy: String, column: Int = 1) -> CommandFailure {
    CommandFailure("standard input, line \(line), column \(column): \(problem)", remedy: remedy, status: .wrongCall)
  }
}

/// Writes the model's labels as one JSON object per line.
struct LabelledLineWriter {
  let classifier: MessageClassifier
  let explains: Bool
  private let urgencyHead = UrgencyHead()
  private let sentimentHead = SentimentHead()

  init(classifier: MessageClassifier, explains: Bool) {
    self.classifier = classifier
    self.explains = explains
  }

  func lines(_ messages: [IncomingLine]) throws -> [String] {
    try zip(messages, classifier.labels(for: messages.map(\.message))).map { incoming, labels in
      try ReportWriter.json(
        of: LabelledLine(incoming, labels, reasons: explains ? reasons(incoming) : nil), isLine: true)
    }
  }

  private func reasons(_ incoming: IncomingLine) -> LabelledLine.Reasons {
    let text = [incoming.message.subject, incoming.message.text].compactMap { $0 }.joined(separator: " ")
    return LabelledLine.Reasons(
      urgency: urgencyHead.assess(text).reasons.map {
        LabelledLine.Reason(words: $0.words, weight: $0.points, kind: $0.kind.rawValue)
      },
      sentiment: sentimentHead.assess(text).reasons.map {
        LabelledLine.Reason(words: $0.words, weight: $0.weight, kind: $0.isNegated ? "negated" : nil)
      })
  }
}

/// The JSON form of a labelled line.
private struct LabelledLine: Encodable {
  struct Guess: Encodable {
    let category: String
    let probability: Float
  }

  struct Reason: Encodable {
    let words: String
    let weight: Int
    let kind: String?
  }

  struct Reasons: Encodable {
    let urgency: [Reason]
    let sentiment: [Reason]
  }

  let id: String?
  let category: String
  let intent: String
  let confidence: Float
  let guesses: [Guess]
  let urgency: String
  let sentiment: String
  let language: String
  let modelVersion: String
  let stage: Int
  let reasons: Reasons?

  private enum CodingKeys: String, CodingKey {
    case id, category, intent, confidence, guesses, urgency, sentiment, language
    case modelVersion = "model_version"
    case stage, reasons
  }

  init(_ incoming: IncomingLine, _ labels: MessageLabels, reasons: Reasons?) {
    id = incoming.identifier
    category = labels.category
    intent = labels.intent
    confidence = labels.confidence
    guesses = labels.guesses.map { Guess(category: $0.category, probability: $0.probability) }
    urgency = ["low", "normal", "high"][labels.urgency]
    sentiment = ["negative", "neutral", "positive"][labels.sentiment + 1]
    language = labels.language
    modelVersion = labels.modelVersion
    stage = labels.stage
    self.reasons = reasons
  }
}
