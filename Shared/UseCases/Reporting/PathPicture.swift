import DeskCore
import Store

/// Draws the path of service as a layered flow: a column for each step, a bar for each node as high as its share of the tickets, and bands
/// between them. Bars and bands have their numbers as tooltips.
struct PathPicture: Sendable {
  /// The complete SVG file.
  let svg: String

  private static let left = 24
  private static let top = 96
  private static let column = 236
  private static let bar = 14
  /// The height of all tickets together, and of the space between two nodes.
  private static let height = 420.0
  private static let gap = 16.0
  private static let nameLength = 18

  /// A node's place.
  private struct Place {
    let node: PathNode
    let x: Int
    let y: Double
    let height: Double
    /// How much of its sides bands have taken so far.
    var leaving = 0.0
    var entering = 0.0
  }

  init(_ report: PathReport, titled title: String, in language: ReportLanguage) {
    let words = ReportWords(language)
    var places: [PathStep: [PathNode.Value: Place]] = [:]
    var bottom = Double(Self.top)
    let scale = report.tickets > 0 ? Self.height / Double(report.tickets) : 0
    for (number, step) in PathStep.allCases.enumerated() {
      var y = Double(Self.top)
      for node in report.nodes where node.step == step {
        let height = Double(node.tickets) * scale
        places[step, default: [:]][node.value] = Place(
          node: node, x: Self.left + number * Self.column, y: y, height: height)
        y += max(height, Self.gap) + Self.gap
      }
      bottom = max(bottom, y)
    }
    var body: [SVGElement] = []
    for link in report.links {
      guard let next = PathStep.allCases.firstIndex(of: link.step).map({ PathStep.allCases[$0 + 1] }),
        let from = places[link.step]?[link.from], let to = places[next]?[link.to]
      else { continue }
      let width = Double(link.tickets) * scale
      body.append(
        Self.band(
          from: (from.x + Self.bar, from.y + from.leaving), to: (to.x, to.y + to.entering), width: width,
          title: "\(words.name(link.from, of: link.step)) → \(words.name(link.to, of: next)): \(link.tickets)"))
      places[link.step]?[link.from]?.leaving += width
      places[next]?[link.to]?.entering += width
    }
    for (number, step) in PathStep.allCases.enumerated() {
      let x = Self.left + number * Self.column
      let reached = report.reached(step)
      let lost = report.losses.filter { $0.step == step }.reduce(0) { $0 + $1.tickets }
      body.append(
        SVGElement("text", ["x": x, "y": 58, "font-weight": 600, "fill": "#0f172a"], text: words.step(step)))
      body.append(
        SVGElement(
          "text", ["x": x, "y": 76, "fill": "#475569"], text: words.reached(reached, lost: lost, at: step)))
      body += report.nodes.filter { $0.step == step }.compactMap { node in
        places[step]?[node.value].map { Self.node($0, words) }
      }
    }
    if report.tickets == 0 {
      body.append(SVGElement("text", ["x": Self.left, "y": Self.top, "fill": "#475569"], text: words.noTickets))
    }
    svg = SVGElement.picture(
      width: Self.left + PathStep.allCases.count * Self.column, height: Int(bottom) + 24,
      [
        "font-family": "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif", "font-size": 12,
        "lang": language == .chinese ? "zh-Hans" : "en", "role": "img", "aria-label": title,
      ],
      [
        SVGElement(
          "text", ["x": Self.left, "y": 28, "font-size": 17, "font-weight": 600, "fill": "#0f172a"], text: title)
      ] + body)
  }

  private static func node(_ place: Place, _ words: ReportWords) -> SVGElement {
    let node = place.node
    let name = words.name(node.value, of: node.step)
    let cut = name.count <= nameLength ? name : name.prefix(nameLength - 1) + "…"
    let figures =
      ["\(node.tickets)"] + (node.medianSeconds.map { [ReportMeasure.Kind.seconds.text($0, in: words.language)] } ?? [])
    let isLoss = node.step != .channel && (node.value.name == nil && !node.value.isRest || node.isUnsettled)
    return SVGElement(
      "g", [:],
      [
        .title("\(name): \(figures.joined(separator: ", "))"),
        SVGElement(
          "rect",
          [
            "x": place.x, "y": rounded(place.y), "width": bar, "height": rounded(max(1, place.height)),
            "fill": isLoss ? "#b45309" : "#1d4ed8",
          ]),
        SVGElement(
          "text", ["x": place.x + bar + 6, "y": rounded(place.y + 11), "fill": "#0f172a"],
          text: "\(cut) · \(figures.joined(separator: " · "))"),
      ])
  }

  private static func band(
    from: (x: Int, y: Double), to: (x: Int, y: Double), width: Double, title: String
  ) -> SVGElement {
    let middle = (from.x + to.x) / 2
    let (y, end) = (rounded(from.y), rounded(to.y))
    let (low, lowEnd) = (rounded(from.y + max(0.5, width)), rounded(to.y + max(0.5, width)))
    return SVGElement(
      "path",
      [
        "d":
          "M\(from.x) \(y)C\(middle) \(y) \(middle) \(end) \(to.x) \(end)V\(lowEnd)C\(middle) \(lowEnd) \(middle) \(low) \(from.x) \(low)Z",
        "fill": "#93c5fd", "fill-opacity": "0.45",
      ], [.title(title)])
  }

  private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

extension PathNode {
  /// Whether its tickets are not settled, or not by the desk.
  fileprivate var isUnsettled: Bool {
    guard step == .end, let end = value.name.flatMap({ PathEnd(rawValue: $0) }) else { return false }
    return switch end {
    case .rejected, .merged, .open, .answered: true
    case .solvedByArticle, .confirmed, .resolved, .closedUnconfirmed: false
    }
  }
}

extension ReportWords {
  var noTickets: String { language == .chinese ? "没有工单。" : "There are no tickets." }

  func step(_ step: PathStep) -> String {
    switch (step, language) {
    case (.channel, .english): "channel"
    case (.channel, .chinese): "渠道"
    case (.label, .english): "label"
    case (.label, .chinese): "类别"
    case (.queue, .english): "queue"
    case (.queue, .chinese): "队列"
    case (.hands, .english): "agents"
    case (.hands, .chinese): "经手客服"
    case (.end, .english): "end"
    case (.end, .chinese): "结果"
    }
  }

  func reached(_ tickets: Int64, lost: Int64, at step: PathStep) -> String {
    guard step != .channel else { return language == .chinese ? "\(tickets) 个工单" : "\(tickets) tickets" }
    return language == .chinese ? "到达 \(tickets)，流失 \(lost)" : "\(tickets) reached, \(lost) lost"
  }

  func name(_ value: PathNode.Value, of step: PathStep) -> String {
    if value.isRest { return rest }
    guard let name = value.name else { return none }
    guard step == .end, let end = PathEnd(rawValue: name) else { return name }
    return switch (end, language) {
    case (.solvedByArticle, .english): "solved by an article"
    case (.solvedByArticle, .chinese): "文章解决"
    case (.confirmed, .english): "confirmed"
    case (.confirmed, .chinese): "客户已确认"
    case (.resolved, .english): "resolved"
    case (.resolved, .chinese): "已解决"
    case (.closedUnconfirmed, .english): "closed, unconfirmed"
    case (.closedUnconfirmed, .chinese): "关闭未确认"
    case (.merged, .english): "merged"
    case (.merged, .chinese): "已合并"
    case (.rejected, .english): "rejected"
    case (.rejected, .chinese): "已拒绝"
    case (.answered, .english): "answered, open"
    case (.answered, .chinese): "已答复待确认"
    case (.open, .english): "open"
    case (.open, .chinese): "未解决"
    }
  }
}
