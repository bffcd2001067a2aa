/// All series of one name.
struct MetricFamily: Sendable {
  enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  enum Series: Sendable {
    case counter(CounterMetric)
    case gauge(GaugeMetric)
    case histogram(HistogramMetric)
    case sample(Double)
  }

  let kind: Kind
  let help: String
  /// By their rendered labels, without braces.
  var series: [String: Series] = [:]
}

/// One scrape of the metrics; a collector adds its values.
public struct MetricsScrape {
  var families: [String: MetricFamily]

  /// Adds the value of a gauge. A name used for another kind is skipped.
  public mutating func gauge(_ name: String, help: String, labels: [String: String] = [:], _ value: Double) {
    add(name, .gauge, help, labels, value)
  }

  /// Adds the value of a counter. A name used for another kind is skipped.
  public mutating func counter(_ name: String, help: String, labels: [String: String] = [:], _ value: Double) {
    add(name, .counter, help, labels, value)
  }

  private mutating func add(
    _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ labels: [String: String], _ value: Double
  ) {
    guard MetricText.isName(name), labels.keys.allSatisfy(MetricText.isLabel) else { return }
    var family = families[name] ?? MetricFamily(kind: kind, help: help)
    guard family.kind == kind else { return }
    family.series[MetricText.labels(labels)] = .sample(value)
    families[name] = family
  }

  func render() -> String {
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      text += "# HELP \(name) \(MetricText.escapedHelp(family.help))\n# TYPE \(name) \(family.kind.rawValue)\n"
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        switch series {
        case .counter(let counter): Self.line(&text, name, labels, counter.value)
        case .gauge(let gauge): Self.line(&text, name, labels, gauge.value)
        case .sample(let value): Self.line(&text, name, labels, value)
        case .histogram(let histogram): Self.lines(&text, name, labels, histogram)
        }
      }
    }
    return text
  }

  private static func lines(_ text: inout String, _ name: String, _ labels: String, _ histogram: HistogramMetric) {
    let state = histogram.snapshot()
    let prefix = labels.isEmpty ? "" : labels + ","
    var count: UInt64 = 0
    for (bound, inBucket) in zip(histogram.buckets + [.infinity], state.counts) {
      count += inBucket
      line(&text, name + "_bucket", prefix + "le=\"\(MetricText.number(bound))\"", Double(count))
    }
    line(&text, name + "_sum", labels, state.sum)
    line(&text, name + "_count", labels, Double(count))
  }

  private static func line(_ text: inout String, _ name: String, _ labels: String, _ value: Double) {
    text += name
    if !labels.isEmpty { text += "{\(labels)}" }
    text += " \(MetricText.number(value))\n"
  }
}

/// The grammar of the text format.
enum MetricText {
  static func isName(_ text: String) -> Bool { isWord(text, allowing: ":") }

  /// Names that begin with two underscores are reserved by Prometheus.
  static func isLabel(_ text: String) -> Bool { isWord(text, allowing: "_") && !text.hasPrefix("__") && text != "le" }

  private static func isWord(_ text: String, allowing extra: Character) -> Bool {
    guard let first = text.first, !(first.isASCII && first.isNumber) else { return false }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == extra) }
  }

  static func labels(_ labels: [String: String]) -> String {
    labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escapedValue($0.value))\"" }.joined(separator: ",")
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return String(value)
  }

  static func escapedHelp(_ text: String) -> String {
    escaped(text, quotes: false)
  }

  private static func escapedValue(_ text: String) -> String {
    escaped(text, quotes: true)
  }

  /// By scalars: a quote followed by a combining mark still ends the value.
  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
