internal import DeskCore

/// The clauses of a message, without greetings, thanks, requests for attention and signatures: what is left to answer.
///
/// Clauses end at punctuation and line ends. Texts are folded (`Normaliser`).
struct MessageClauses: Equatable {
  /// Folded clauses with content, in order; at most `limit`.
  private(set) var clauses: [String] = []
  /// Whether the message has clauses beyond the limit.
  private(set) var isCut = false

  /// Clauses of one message that are read; a message with more needs a person.
  static let limit = 6

  init(of text: String, by matcher: PhraseMatcher = Self.pleasantries) {
    var matches: [PhraseMatcher.Match] = []
    let normaliser = Normaliser()
    for line in text.split(whereSeparator: \.isNewline) {
      let folded = normaliser.normalise(String(line))
      matcher.find(in: folded, into: &matches)
      var dropped = [Bool](repeating: false, count: folded.scalars.count)
      for match in matches {
        // A signature follows a closing formula.
        let isClosing = match.phrase < Self.closings.count
        let end = isClosing ? dropped.count : match.range.upperBound
        for place in match.range.lowerBound..<end { dropped[place] = true }
      }
      add(folded, without: dropped)
    }
  }

  private mutating func add(_ text: NormalisedText, without dropped: [Bool]) {
    var clause = String.UnicodeScalarView()
    var hasContent = false
    func isBlank(_ place: Int) -> Bool {
      place >= text.scalars.count || text.kinds[place] != ScalarKind.word.rawValue
    }
    for place in text.scalars.indices {
      let scalar = text.scalars[place]
      // A point or a comma inside a number or a name ends nothing.
      let ends = Self.ends.contains(scalar) || (Self.softEnds.contains(scalar) && isBlank(place + 1))
      if ends {
        close(&clause, hasContent)
        hasContent = false
        continue
      }
      guard !dropped[place] else {
        clause.append(" ")
        continue
      }
      if let value = Unicode.Scalar(scalar) { clause.append(value) }
      hasContent = hasContent || text.kinds[place] == ScalarKind.han.rawValue || !isBlank(place)
    }
    close(&clause, hasContent)
  }

  private mutating func close(_ clause: inout String.UnicodeScalarView, _ hasContent: Bool) {
    defer { clause.removeAll() }
    guard hasContent else { return }
    guard clauses.count < Self.limit else {
      isCut = true
      return
    }
    clauses.append(clause.split(separator: " ").map { String($0) }.joined(separator: " "))
  }

  private static let ends = Set("!?;。！？；、…".unicodeScalars.map(\.value))
  private static let softEnds = Set(".,，:".unicodeScalars.map(\.value))

  // MARK: Pleasantries

  static let pleasantries = PhraseMatcher(closings + courtesies)

  /// Formulas that end a message; the rest of the line is a name.
  private static let closings = [
    "kind regards", "best regards", "warm regards", "with regards", "many regards", "regards", "best wishes",
    "yours sincerely", "sincerely", "yours faithfully", "yours truly", "cheers", "此致", "祝好", "顺颂商祺", "祝商祺",
  ]

  private static let courtesies = [
    "hi", "hi there", "hi all", "hi team", "hi guys", "hello", "hello there", "hello all", "hello team",
    "hello everyone", "hey", "hey there", "hey guys", "hey team", "hiya", "dear", "dear sir", "dear madam",
    "dear sir or madam", "dear sirs", "dear team", "dear support", "dear support team",
    "dear customer service", "good morning", "good afternoon", "good evening", "good day", "morning",
    "afternoon", "evening", "greetings", "to whom it may concern", "hope you are well", "hope you're well",
    "i hope you are well", "i hope you're well", "hope you are doing well", "i hope this finds you well",
    "hope this finds you well", "how are you", "how are you doing", "hope all is well", "thanks", "thank you",
    "thank you very much", "thank you so much", "thanks a lot", "thanks so much", "thanks very much",
    "many thanks", "thx", "thanks in advance", "thank you in advance", "thanks for your help",
    "thank you for your help", "much appreciated", "any help is appreciated", "any help would be appreciated",
    "i appreciate your help", "have a nice day", "have a great day", "have a good day", "please", "pls", "plz",
    "kindly", "could you please", "can you please", "would you please", "could you please tell me",
    "can you please tell me", "could you tell me", "can you tell me", "please tell me",
    "could you let me know", "can you let me know", "please let me know", "let me know", "could you help me",
    "can you help me", "please help me", "please help", "can someone help", "can anybody help",
    "i need help with", "i need help", "sorry to bother you", "sorry to disturb you",
    "sorry for bothering you", "excuse me", "quick question", "i have a question", "just a question",
    "just one question", "one question", "i was wondering", "i would like to know", "i'd like to know",
    "i want to know", "i wanted to ask", "may i ask", "may i know", "can i ask", "do you know",
    "i would like to ask", "any idea", "looking forward to your reply", "looking forward to hearing from you",
    "你好", "您好", "你们好", "大家好", "你好呀", "您好呀", "你好啊", "您好啊", "早上好", "上午好", "中午好", "下午好", "晚上好", "早安", "晚安", "哈喽",
    "哈啰", "嗨", "在吗", "在么", "在不在", "有人吗", "有人在吗", "在不", "亲", "亲亲", "亲爱的", "客服你好", "客服您好", "客服在吗", "老师", "老师您好",
    "老师好", "小姐姐", "小哥哥", "请问", "请问一下", "请教一下", "请教", "想问", "想问下", "想问一下", "问一下", "问下", "我想问", "我想问一下", "我想问下",
    "想请问", "想咨询", "想咨询一下", "咨询一下", "咨询下", "打听一下", "麻烦问一下", "麻烦问下", "麻烦您", "麻烦你", "麻烦", "麻烦帮我", "麻烦告诉我",
    "麻烦您帮我", "请告诉我", "告诉我", "帮我看看", "帮我看一下", "帮忙看下", "帮忙看看", "帮我查一下", "帮我查下", "能不能帮我", "能帮我", "可以帮我", "请帮我",
    "请帮忙", "帮我", "帮忙", "劳驾", "打扰了", "打扰一下", "打扰下", "不好意思", "不好意思打扰了", "抱歉打扰", "谢谢", "谢谢您", "谢谢你", "谢谢啦", "谢谢了",
    "多谢", "感谢", "非常感谢", "十分感谢", "万分感谢", "感谢您", "谢谢您的帮助", "辛苦了", "辛苦您", "辛苦啦", "拜托", "拜托了", "祝您生活愉快", "祝工作顺利",
    "盼复", "等您回复",
  ]
}
