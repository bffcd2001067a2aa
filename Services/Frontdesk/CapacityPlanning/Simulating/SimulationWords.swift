import ArgumentParser
import DeskCore
import Simulator

/// What tables and pictures of simulations say, in both languages.
struct SimulationWords: Sendable {
  let language: ReportLanguage

  /// Reads an option.
  static func language(_ argument: String) throws -> ReportLanguage {
    guard let language = ReportLanguage(rawValue: argument) else { throw ValidationError("write en or zh") }
    return language
  }

  func say(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }

  func name(of figure: SimulationFigure) -> String {
    switch figure {
    case .shareLate: say("late", "超时率")
    case .shareLateUrgent: say("late, urgent", "超时率（紧急）")
    case .shareLateHigh: say("late, high", "超时率（高）")
    case .shareLateNormal: say("late, normal", "超时率（普通）")
    case .shareLateLow: say("late, low", "超时率（低）")
    case .shareDelayed: say("found no agent at once", "未能立即接入的比例")
    case .meanTimeInQueue: say("time in queue, mean, all tickets", "平均排队时长（含放弃）")
    case .meanWait: say("wait, mean", "平均等待")
    case .medianWait: say("wait, half within", "等待 P50")
    case .longWait: say("wait, 90 % within", "等待 P90")
    case .tailWait: say("wait, 99 % within", "等待 P99")
    case .tailLateness: say("lateness, 99 % within", "超时时长 P99")
    case .worstLateness: say("lateness, worst", "最长超时")
    case .shareAbandoned: say("abandoned", "放弃率")
    case .occupancy: say("occupancy", "坐席利用率")
    case .estimateBias: say("expected wait, bias", "预计等待的偏差")
    case .estimateError: say("expected wait, mean error", "预计等待的平均误差")
    case .estimateTail: say("expected wait, 90 % within", "预计等待误差 P90")
    case .headOfLineError: say("head of line instead, mean error", "队首法的平均误差")
    case .lastServedError: say("last served instead, mean error", "末位接入法的平均误差")
    case .routingTail: say("until decided, 99 % within", "分派用时 P99")
    case .staffHours: say("agents' hours", "坐席工时")
    case .routerHours: say("router hours", "路由进程工时")
    }
  }

  /// A value, or a difference with its sign.
  func text(_ value: Double, _ unit: SimulationFigure.Unit, isDifference: Bool = false) -> String {
    let sign = isDifference && value > 0 ? "+" : ""
    switch unit {
    case .share: return sign + number(value * 100, digits: 2) + " %"
    case .hours: return sign + number(value, digits: 1) + say(" h", " 小时")
    case .seconds:
      return sign
        + (abs(value) < 120
          ? number(value, digits: 1) + say(" s", " 秒") : number(value / 60, digits: 1) + say(" min", " 分"))
    }
  }

  /// A mean with half the width of its interval.
  func text(_ interval: ConfidenceInterval, _ unit: SimulationFigure.Unit, isDifference: Bool = false) -> String {
    let mean = text(interval.mean, unit, isDifference: isDifference)
    return interval.halfWidth.map { "\(mean) ± \(text($0, unit))" } ?? mean
  }

  private func number(_ value: Double, digits: Int) -> String {
    let scale = digits == 2 ? 100.0 : 10.0
    let rounded = (abs(value) * scale).rounded()
    guard rounded.isFinite, rounded < 1e15 else { return "–" }
    let whole = Int(rounded)
    let fraction = String(whole % Int(scale))
    let padded = String(repeating: "0", count: digits - fraction.utf8.count) + fraction
    return (value < 0 && whole > 0 ? "-" : "") + "\(whole / Int(scale)).\(padded)"
  }
}
