import CommandLineTool
import DeskCore

/// What an explanation says around the decisions: the ticket, its promises, its messages, in the reader's language.
struct ExplanationFrame {
  let language: ReportLanguage

  private func say(_ english: String, _ chinese: String) -> String { language == .chinese ? chinese : english }

  var messages: String { say("messages", "消息") }
  var timeline: String { say("timeline", "时间线") }
  var decisions: String { say("decisions", "决定") }
  var columns: [String] { language == .chinese ? ["时间", "由", "事件"] : ["at", "by", "what"] }
  var shortened: String {
    say(
      "older messages or entries are omitted; the console lists them page by page", "更早的消息或事件已省略；在控制台可逐页查看")
  }

  func ticket(_ it: Explanation) -> String {
    say(
      "ticket \(it.ticket): \(it.state)" + (it.queue.map { " in \($0)" } ?? "")
        + (it.agent.map { ", with \($0)" } ?? ""),
      "工单 \(it.ticket)：\(state(it.state))" + (it.queue.map { "，队列 \($0)" } ?? "") + (it.agent.map { "，客服 \($0)" } ?? "")
    )
  }

  func received(_ it: Explanation) -> String {
    say(
      "received by \(it.channel) at \(it.opened)" + (it.priority.map { ", priority \($0)" } ?? "")
        + (it.closed.map { ", ended \($0)" } ?? ""),
      "渠道 \(it.channel)，创建于 \(it.opened)" + (it.priority.map { "，优先级 \($0)" } ?? "")
        + (it.closed.map { "，结束于 \($0)" } ?? ""))
  }

  func promise(_ promise: Explanation.Promise) -> String {
    guard let due = promise.due else {
      return say(
        "SLA: \(promise.clock) – \(promise.state): its calendar is not open long enough, so it is neither met nor breached",
        "服务水平：\(clock(promise.clock))：日历的营业时间不够长，既不算达标也不算超时")
    }
    return say(
      "SLA: \(promise.clock) by \(due) – \(promise.state)",
      "服务水平：\(clock(promise.clock))，\(due) 前 – \(kept(promise.state))")
  }

  func callBack(_ callBack: Explanation.CallBackLine) -> String {
    say(
      "call-back \(callBack.number) by \(callBack.due)" + (callBack.owner.map { ", \($0)" } ?? "")
        + " – \(callBack.state)",
      "第 \(callBack.number) 次回拨，\(callBack.due) 前" + (callBack.owner.map { "，\($0)" } ?? "")
        + " – \(Self.callBackStates[callBack.state] ?? callBack.state)")
  }

  func message(_ message: Explanation.Message) -> String {
    let who = Self.authors[message.from] ?? message.from
    return say(
      "\(message.at)  \(message.from)  \(message.id)" + (message.undecided ? "  (not decided yet)" : ""),
      "\(message.at)  \(who)  \(message.id)" + (message.undecided ? "  （尚未处理）" : ""))
  }

  private func state(_ name: String) -> String { Self.states[name] ?? name }
  private func clock(_ name: String) -> String { Self.clocks[name] ?? name }
  private func kept(_ name: String) -> String { Self.outcomes[name] ?? name }

  // exact-keys: our own words
  private static let states: [String: String] = [
    "received": "已接收", "triage": "待分类", "queued": "排队中", "offered": "派单中", "assigned": "处理中", "pending": "等待客户",
    "answered": "已自动回答", "resolved": "已解决", "closed": "已关闭", "rejected": "已拒收",
  ]
  // exact-keys: our own words
  private static let clocks: [String: String] = [
    "first response": "首次响应", "next response": "后续响应", "resolution": "解决时限",
  ]
  // exact-keys: our own words
  private static let outcomes: [String: String] = [
    "met": "达标", "met late": "超时后完成", "late": "超时", "paused": "已暂停", "running": "计时中", "unanswered": "未响应",
    "not needed": "无需", "unreachable": "无法达到",
  ]
  // exact-keys: our own words
  private static let callBackStates: [String: String] = [
    "open": "待回拨", "kept": "已回拨", "broken": "逾期", "withdrawn": "已取消",
  ]
  // exact-keys: our own words
  private static let authors: [String: String] = ["customer": "客户", "agent": "客服", "note": "备注"]
}
