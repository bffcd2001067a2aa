import DeskCore
import Testing

@Suite("Rules on replies")
struct ReplyRulesTests {
  private func rules(_ terms: [String], _ action: ReplyRule.Action = .block, languages: Set<String> = []) -> ReplyRules
  {
    ReplyRules([ReplyRule(id: "insults", action: action, languages: languages, terms: terms)])
  }

  private func finds(_ term: String, in text: String) -> Bool {
    !rules([term]).inspect(text, language: nil).findings.isEmpty
  }

  @Test(
    "a term is found however it is written",
    arguments: [
      ("idiot", "You IDIOT!"), ("idiot", "you ｉｄｉｏｔ"), ("idiot", "you id\u{200B}io\u{FEFF}t"), ("idiot", "ïdíot"),
      ("idiot", "i d i o t"), ("idiot", "what an i.d.i.o.t."), ("idiot", "id_iot"), ("idiot", "an i-d-i-o-t, you"),
      ("idiot", "𝐢𝐝𝐢𝐨𝐭"), ("shut up", "Shut\n up now"), ("shut up", "shut_up"), ("shut up", "SHUT   UP"),
      ("f*ck", "F*CK this"), ("ass", "what an a s s"), ("ass", "you ass, go"), ("strasse", "Straße"),
      ("傻逼", "你是傻逼吗"), ("傻逼", "傻 逼"), ("傻逼", "傻-逼"), ("傻逼", "傻\u{200B}逼"), ("傻逼", "傻**逼"),
      ("闭嘴", "你给我閉嘴"), ("闭嘴", "闭·嘴"), ("关你屁事", "关　你　屁　事"), ("tmd", "ＴＭＤ"), ("sb客户", "SB 客户"),
    ])
  func evasionsAreFound(term: String, text: String) {
    #expect(finds(term, in: text))
  }

  @Test(
    "ordinary texts are not mistaken for a term",
    arguments: [
      ("ass", "Our first class passengers assess the mass of grass."), ("ass", "The code is c l a s s."),
      ("ass", "spelled a s s e t s"), ("ass", "as soon as safe"), ("idiot", "the device id IoT"),
      ("hell", "he'll call"),
      ("shit", "his hit"), ("sue", "the issue"), ("dumb", "a dumbbell"), ("tmd", "ATMD"),
      ("滚蛋", "他不会滚。蛋糕明天送到"), ("滚蛋", "翻滚，蛋糕"), ("傻逼", "不傻！逼近"), ("闭嘴", "关闭；嘴部"),
      ("闭嘴", "封闭包装，吸嘴朝上"), ("去死", "失去，死机"),
    ])
  func ordinaryTextsAreNotFound(term: String, text: String) {
    #expect(!finds(term, in: text))
  }

  @Test("a run of separators has a limit")
  func farLettersAreNotJoined() {
    #expect(finds("傻逼", in: "傻---逼"))
    #expect(!finds("傻逼", in: "傻----逼"))
    #expect(finds("idiot", in: "i - d - i - o - t"))
  }

  @Test("one finding for each rule, with its first term, in the order of the policy")
  func findingsFollowThePolicy() {
    let rules = ReplyRules([
      ReplyRule(id: "promises", action: .note, terms: ["guarantee", "for sure"]),
      ReplyRule(id: "insults", action: .block, terms: ["stupid", "idiot"]),
      ReplyRule(id: "blame", action: .warn, terms: ["your fault"]),
    ])
    let inspection = rules.inspect("Idiot! Stupid! For sure this is your fault.", language: "en")
    #expect(
      inspection.findings == [
        ReplyFinding(rule: "promises", action: .note, term: "for sure"),
        ReplyFinding(rule: "insults", action: .block, term: "stupid"),
        ReplyFinding(rule: "blame", action: .warn, term: "your fault"),
      ])
    #expect(inspection.objections.map(\.rule) == ["insults", "blame"])
    #expect(inspection.isRefused && inspection.isBlocked)
  }

  @Test("a warning can be acknowledged, a block cannot, a note needs nothing")
  func onlyWarningsCanBeAcknowledged() {
    let text = "this is stupid"
    let warned = rules(["stupid"], .warn)
    #expect(warned.inspect(text, language: nil).isRefused)
    #expect(!warned.inspect(text, language: nil).isBlocked)
    #expect(warned.inspect(text, language: nil, acknowledged: ["other"]).isRefused)
    let acknowledged = warned.inspect(text, language: nil, acknowledged: ["insults"])
    #expect(!acknowledged.isRefused && acknowledged.findings.count == 1)
    #expect(rules(["stupid"], .block).inspect(text, language: nil, acknowledged: ["insults"]).isBlocked)
    let noted = rules(["stupid"], .note).inspect(text, language: nil)
    #expect(!noted.isRefused && noted.findings.count == 1)
  }

  @Test("a rule with languages applies to tickets in them, and in unknown ones")
  func languagesLimitARule() {
    let rules = rules(["dick"], languages: ["zh", "en"])
    for (language, isFound) in [
      (nil, true), ("en", true), ("zh-Hant", true), ("und", true), ("mixed", true), ("de", false),
    ] as [(String?, Bool)] {
      #expect(rules.inspect("Das ist dick", language: language).findings.isEmpty != isFound, "\(language ?? "none")")
    }
  }

  @Test("without rules, and without text, nothing is found")
  func nothingIsFoundInNothing() {
    #expect(!ReplyRules().inspect("idiot", language: nil).isRefused)
    #expect(rules(["idiot"]).inspect("", language: nil).findings.isEmpty)
    #expect(rules(["\u{200B}"]).inspect("a\u{200B}b", language: nil).findings.isEmpty)
  }

  @Test(
    "agents are addressed in the language that they ask for, or serve",
    arguments: [
      (nil, [], .english), (nil, ["zh"], .chinese), (nil, ["zh-Hans"], .chinese), (nil, ["zh", "en"], .english),
      ("zh-CN,zh;q=0.9,en;q=0.8", [], .chinese), ("fr, EN-gb", ["zh"], .english), ("fr", ["zh"], .chinese),
      ("zh;q=0, en", ["zh"], .english), ("", ["zh"], .chinese), (";;,", [], .english),
    ] as [(String?, [String], StaffLanguage)])
  func staffLanguages(header: String?, served: [String], language: StaffLanguage) {
    let agent = AgentProfile(id: "ann", teams: [], skills: [:], languages: Set(served), capacity: 1)
    #expect(StaffLanguage(accepting: header, of: agent) == language)
  }

  @Test("a pattern is found with its wildcards, as whole words, in any width and script")
  func patternsAreFound() {
    func finds(_ pattern: String, _ text: String) -> Bool {
      let rule = ReplyRule(id: "p", action: .block, terms: [], patterns: [pattern])
      return ReplyRules([rule]).inspect(text, language: nil).findings == [
        ReplyFinding(rule: "p", action: .block, term: pattern)
      ]
    }
    for (pattern, text, isFound) in [
      ("1##########", "call 13812345678 now", true), ("1##########", "打 １３８１２３４５６７８", true),
      ("1##########", "order 913812345678", false), ("1##########", "order 138123456789", false),
      ("加*微信", "加一下我的\u{200B}微信", true), ("加*微信", "加微信", true), ("加*微信", "加一二三四五六七八九十一微信", false),
      ("refund you $##", "I refund you $50.", true), ("refund you $##", "I refund you $500.", false),
      ("my * number", "my private number", true), ("my * number", "tummy private number", false),
      ("a?c", "ABC", true), ("a?c", "ac", false), ("第#号", "第 7 号", false), ("ab", "xx aab ab", true),
    ] as [(String, String, Bool)] {
      #expect(finds(pattern, text) == isFound, "\(pattern) in \(text)")
    }
    for text in ["", "a", "*a", "a*", "?a", "a ?", "######*######*######*######*######*#####*#####", "\u{200B}#"] {
      #expect(!ReplyRule.isPattern(text), "\(text)")
    }
    #expect(ReplyRule.isPattern(String(repeating: "#", count: 63)))
    #expect(!ReplyRule.isPattern(String(repeating: "#", count: 64)))
  }

  @Test("emoji and signs between letters do not hide a term")
  func picturesDoNotHideATerm() {
    #expect(rules(["傻逼"]).inspect("傻😀逼", language: nil).isBlocked)
    #expect(rules(["傻逼"]).inspect("傻❤️逼", language: nil).isBlocked)
    #expect(rules(["idiot"]).inspect("i@d@i@o@t", language: nil).isBlocked)
  }
}
