import DeskCore
internal import Foundation

/// The texts of a staffing plan.
struct StaffingWords {
  let language: ReportLanguage

  init(_ language: ReportLanguage) {
    self.language = language
  }

  private func say(_ english: String, _ chinese: String) -> String { language == .chinese ? chinese : english }

  func title(_ report: StaffingReport) -> String {
    let target = report.plan.assumptions.target
    let share = String(format: "%g", target.share * 100)
    let within = time(target.withinSeconds)
    guard let days = report.days else { return say("Staffing plan without periods", "排班计划（无时段）") }
    let period =
      days.first == days.last ? "\(days.first)" : say("\(days.first) to \(days.last)", "\(days.first) 至 \(days.last)")
    return say(
      "Agents for \(period) (\(report.zone.name)): \(share) % answered within \(within)",
      "人力计划 · \(period)（\(report.zone.name)）· \(within)内响应 \(share) %")
  }

  func time(_ seconds: Double) -> String {
    switch seconds {
    case .infinity: say("no bound", "无上限")
    case ..<120: say("\(Int(seconds.rounded())) s", "\(Int(seconds.rounded())) 秒")
    case ..<7200: say("\(Int((seconds / 60).rounded())) min", "\(Int((seconds / 60).rounded())) 分钟")
    default: say(String(format: "%.1f h", seconds / 3600), String(format: "%.1f 小时", seconds / 3600))
    }
  }

  func name(_ rule: StaffingRule) -> String {
    switch rule {
    case .erlangA: say("Erlang A (with abandonment)", "Erlang A（计入放弃）")
    case .erlangC: say("Erlang C (nobody gives up)", "Erlang C（无人放弃）")
    case .squareRoot: say("square root", "平方根法则")
    case .flat: say("flat 20 %", "固定加 20 %")
    }
  }

  private func short(_ rule: StaffingRule) -> String {
    switch rule {
    case .erlangA: "Erlang A"
    case .erlangC: "Erlang C"
    case .squareRoot: say("square root", "平方根")
    case .flat: say("flat +20 %", "固定 +20 %")
    }
  }

  var ruleTitles: [String] {
    language == .chinese
      ? ["规则", "付薪工时", "按上限工时", "峰值人数", "按时响应", "来量达上限时", "放弃", "利用率", "未达标时段", "最差时段"]
      : [
        "rule", "paid hours", "at upper", "peak", "in time", "if upper comes", "abandoned", "occupancy",
        "periods missed", "worst",
      ]
  }

  var periodTitles: [String] {
    [say("time", "时间"), say("queue", "队列"), say("tickets – upper", "工单 – 上限"), say("Erlangs", "话务量（爱尔兰）")]
      + StaffingRule.allCases.map(short) + [say("workers", "路由进程")]
  }

  var shiftTitles: [String] {
    language == .chinese ? ["队列", "班次", "时间", "人数", "休息开始"] : ["queue", "shift", "time", "agents", "breaks from"]
  }

  func cost(_ shifts: ShiftPlan, by rule: StaffingRule) -> String {
    let paid = StaffingReport.decimal(shifts.paidHours)
    let least = StaffingReport.decimal(shifts.leastPaidHours)
    let required = StaffingReport.decimal(shifts.requiredHours)
    return say(
      "\(shifts.shifts.count) shifts, \(paid) paid hours for \(required) required by \(name(rule)); with these breaks no roster costs less than \(least).",
      "共 \(shifts.shifts.count) 个班次，付薪 \(paid) 小时；\(name(rule))需要 \(required) 小时，按此休息安排任何排班都不低于 \(least) 小时。")
  }

  func shortfall(_ gap: ShiftPlan.Shortfall, from start: String, to end: String) -> String {
    let hours = StaffingReport.decimal(gap.hours)
    let risk: String
    if gap.waitSeconds == 0 {
      risk = say("the load alone is covered", "尚可承接平均来量")
    } else if gap.abandonedShare == 1 {
      risk = say("nobody is there, and all give up", "无人在岗，客户将全部放弃")
    } else if gap.abandonedShare == 0 {
      risk = say("if it lasts, the queue grows without bound", "若持续，队列将不断变长")
    } else {
      let share = StaffingReport.percent(gap.abandonedShare)
      risk = say(
        "if it lasts, \(share) give up and the others wait \(time(gap.waitSeconds))",
        "若持续，\(share) 的客户会放弃，其余等待 \(time(gap.waitSeconds))")
    }
    return say(
      "\(gap.queue) \(start) – \(end): up to \(gap.agents) missing, \(hours) hours; \(risk).",
      "\(gap.queue) \(start) – \(end)：最多缺 \(gap.agents) 人，共 \(hours) 小时；\(risk)。")
  }

  // MARK: - Pictures

  var agents: String { say("agents required, all queues", "所需客服（全部队列）") }
  var band: String { say("Erlang A up to the upper forecast", "Erlang A 至预测上限") }
  var workers: String { say("router workers: base and reserve", "路由进程：基础与后备") }
  var cover: String { say("shifts: covered and required, all queues", "班次：在岗与所需（全部队列）") }
  var covered: String { say("covered", "在岗") }
  var required: String { say("required", "所需") }
  var roster: String { say("shifts, with their breaks", "班次与休息") }
  var nothing: String { say("There is nothing to plan.", "没有可计划的时段。") }

  func hours(_ total: StaffingPlan.Total) -> String {
    let hours = StaffingReport.decimal(total.paidHours)
    return say("\(short(total.rule)): \(hours) h", "\(short(total.rule))：\(hours) 小时")
  }

  func hidden(_ count: Int) -> String {
    say("\(count) more shifts are not drawn; see the table.", "另有 \(count) 个班次未画出，见表格。")
  }
}
