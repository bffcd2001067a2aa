/// Why a number of workers is wanted: a code with named values, which can be said in any language.
public struct CapacityReason: Hashable, Sendable {
  /// What it says. The raw values are stored.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The load is low.
    case base
    /// Workers are busier than they should be.
    case busy
    /// At the present pace, what waits would take longer than allowed.
    case late
    /// The oldest item has waited longer than allowed.
    case old
    /// A planned peak.
    case peak
    /// More would be needed than the hard limit allows.
    case limit
    /// The load has fallen, but not for long enough.
    case coolDown = "cool_down"
    /// A worker that is not needed is still finishing its work.
    case draining
    /// The load has been low for long enough, and one worker less is wanted.
    case low
    /// Nothing current is known of the workers.
    case unknown
    /// A person chose the number.
    case chosen
    /// A person left the number to the load.
    case leftToLoad = "left_to_load"

    /// The names of its values.
    public var parameters: [String] {
      switch self {
      case .base: ["base"]
      case .busy: ["percent", "target", "needed"]
      case .late: ["backlog", "seconds", "allowed", "needed"]
      case .old: ["seconds", "allowed", "needed"]
      case .peak: ["name", "workers"]
      case .limit: ["needed", "limit"]
      case .coolDown: ["needed", "seconds"]
      case .draining: ["needed", "running"]
      case .low: ["needed", "seconds"]
      case .unknown: []
      case .chosen, .leftToLoad: ["by"]
      }
    }
  }

  /// What it says.
  public let code: Code
  /// Its values, in the order of `Code.parameters`.
  public let values: [JSONValue.Field]

  /// Describes a reason. The values have the names of the code's parameters, in their order.
  public init(_ code: Code, _ values: KeyValuePairs<String, JSONValue> = [:]) {
    assert(values.map(\.key) == code.parameters, "the values of \(code.rawValue) have other names")
    self.code = code
    self.values = values.map { JSONValue.Field($0.key, $0.value) }
  }

  /// Reads a stored reason; nil if another build wrote one that this one does not know.
  public init?(_ stored: JSONValue) {
    guard let code = stored["code"]?.text.flatMap(Code.init(rawValue:)) else { return nil }
    let values = stored["values"]
    self.code = code
    self.values = code.parameters.map { .init($0, values?[$0] ?? .null) }
  }

  /// As it is stored: `code` and `values`.
  public var coded: JSONValue {
    .object([.init("code", .text(code.rawValue)), .init("values", .object(values))])
  }

  /// The sentence in a language.
  public func text(in language: ReportLanguage) -> String {
    var text = language == .chinese ? code.chinese : code.english
    // In reverse, so that a name that contains a gap stays as it is.
    for value in values.reversed() { text = text.replacing("{\(value.name)}", with: CapacityReason.plain(value.value)) }
    return text
  }

  private static func plain(_ value: JSONValue) -> String {
    switch value {
    case .text(let text): text
    case .integer(let integer): String(integer)
    case .number(let number): String(Int64(number.rounded()))
    default: "?"
    }
  }
}

extension CapacityReason.Code {
  /// The English sentence with gaps for its values.
  public var english: String {
    switch self {
    case .base: "the load is low, so the base of {base} is enough"
    case .busy: "workers are busy {percent} % of their time; {needed} are needed for {target} %"
    case .late:
      "{backlog} messages wait and would take {seconds} s at this pace, allowed are {allowed} s: {needed} are needed"
    case .old: "the oldest message has waited {seconds} s, allowed are {allowed} s: {needed} are needed"
    case .peak: "{workers} are planned for the peak \"{name}\""
    case .limit: "{needed} would be needed, but the hard limit is {limit}"
    case .coolDown: "{needed} would be enough now, but the load has not been low for {seconds} s yet"
    case .draining: "{needed} would be enough; first the {running} that run come down to the wanted number"
    case .low: "{needed} have been enough for {seconds} s, so one less is wanted"
    case .unknown: "nothing current is known of the workers, so the number stays"
    case .chosen: "chosen by {by}"
    case .leftToLoad: "{by} left the number to the load"
    }
  }

  /// The Chinese sentence with gaps for its values.
  public var chinese: String {
    switch self {
    case .base: "负载较低，基础数量 {base} 个已足够"
    case .busy: "工作进程忙碌占比 {percent}%；要保持在 {target}%，需要 {needed} 个"
    case .late: "有 {backlog} 条消息在等待，按当前速度需要 {seconds} 秒，允许 {allowed} 秒，需要 {needed} 个"
    case .old: "最早的消息已等待 {seconds} 秒，允许 {allowed} 秒，需要 {needed} 个"
    case .peak: "为高峰“{name}”计划了 {workers} 个"
    case .limit: "需要 {needed} 个，但上限为 {limit} 个"
    case .coolDown: "目前 {needed} 个已足够，但低负载还没有持续满 {seconds} 秒"
    case .draining: "{needed} 个已足够；先等正在运行的 {running} 个降到目标数量"
    case .low: "{needed} 个已足够并持续了 {seconds} 秒，因此减少一个"
    case .unknown: "没有工作进程的最新数据，数量保持不变"
    case .chosen: "由 {by} 指定"
    case .leftToLoad: "{by} 设为按负载自动调整"
    }
  }
}
