import Foundation
import Language

/// Measures Language on this machine, one table after the other.
@main
struct LanguageBenchmarks {
  static func main() {
    do {
      try run()
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit(2)
    }
  }

  private static func run() throws {
    let options = try BenchmarkOptions(Array(CommandLine.arguments.dropFirst()))
    let examples = try LabelledCSV.read(path: options.labelled)
    let encoder = try options.encoder.map { try EncoderPack.readEncoder(path: $0) }
    if encoder == nil { Table.say("no --encoder PACK: second stage, encoder and blended retrieval are skipped\n") }
    try StageBenchmark.byLength(examples)
    try StageBenchmark.byLabels()
    guard let encoder, let path = options.encoder else { return }
    EncoderBenchmark.byLength(encoder, examples)
    try StageBenchmark.stream(examples, pack: EncoderPack.read(path: path), encoder: encoder)
    RetrievalBenchmark.questions(examples, encoder: encoder)
    if let questions = options.questions { try RetrievalBenchmark.letters(path: questions, encoder: encoder) }
  }
}

/// The command line options.
struct BenchmarkOptions {
  var labelled = "Services/Classifier/Samples/concerns.csv"
  var encoder: String?
  var questions: String?

  struct Mistake: Error, CustomStringConvertible {
    let description: String
  }

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else { throw Mistake(description: "\(name) needs a file after it") }
      switch name {
      case "--labelled": labelled = value
      case "--encoder": encoder = value
      case "--questions": questions = value
      default: throw Mistake(description: "\(name) is unknown; there are --labelled, --encoder and --questions")
      }
    }
  }
}

/// CPU time of this thread.
enum Stopwatch {
  static let rounds = 5

  /// Seconds of the fastest round.
  static func best(_ body: () -> Void) -> Double {
    (0..<rounds).map { _ in
      let began = now()
      body()
      return now() - began
    }.min() ?? 0
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Tables in Markdown.
enum Table {
  /// Written unbuffered, so that each row appears as soon as it is ready.
  static func row(_ cells: [String]) { say("| " + cells.joined(separator: " | ") + " |") }

  static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  static func head(_ title: String, _ cells: [String]) {
    say("\n\(title)\n")
    row(cells)
    row(cells.map { _ in "---" })
  }

  static func perSecond(_ count: Int, _ seconds: Double) -> String { String(Int(Double(count) / seconds)) }

  static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}
